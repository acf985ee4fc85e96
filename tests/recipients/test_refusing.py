"""Names that refuse or choose in words that no list has: by roots and how they stand together, on both sides."""

from __future__ import annotations

import re

import pytest

from airflow_provider_robosms.spreadsheet.errors import SheetError
from tests.sheets.grids import opened
from tests.sheets.rows_of import reader

PEOPLE = [["Name", "Phone"], ["Ali", "0300-1234567"]]
NUMBERS = [["Phone"], ["0300-1234567"]]

COLUMNS = {
    "Opt Out": """
    Consent refused | Consent denied | Consent not given | Permission denied | Permission refused
    Parent consent denied | Consent withheld | Consent was refused | Denied consent | Refused permission
    Refused to give consent | Consent has been denied | Consent: denied | Permission not granted | No permission
    No permission given | Ijazat nahi | Ijazat nahin di | Ijazat nahi hai | Ijazat nai mili | Razamandi nahi
    SMS consent denied | Consent denied (Y/N) | Consent not obtained | Excl from SMS | Excluded from messages
    Excl. from campaign | Removed from SMS | Wants to stop | Request to stop | Requests to stop | Requested STOP
    STOP requested | Asked us to stop | Told us to stop | Says no to SMS | Said no to SMS | Says no | No to SMS
    No to messages | Wishes to stop | Wanted to stop SMS | Requested to be removed | Asked for removal
    Requested removal | Removal requested | Wants to unsubscribe | Request to unsubscribe | SMS nai bhejna
    SMS nhi bhejna | SMS nahee bhejna | SMS nahi bhejen | SMS na bhejain | Msg nhi bhejna | Message nai karna
    Msg nahi krna | Mana kia | Mana kiya | Mana kar diya | Mana kr dia | Mana kardiya | Mana karti hai
    Mana krdia hai | Inkaar kar diya | Inkar kia | Inkar krdia | Inkaar | SMS se inkaar | Nahi chahiye | Nai chahiye
    Nhi chahye | SMS nhi chaiye | منع کیا | منع کیا ہے | منع کر دیا | انکار کیا | انکار کر دیا | نہیں چاہیے
    نہیں چاہئے | نہيں چاہيے | بلیک لسٹ | بلیک لسٹڈ | فون نہ کریں | کال نہ کریں | کال مت کریں | پیغام نہیں چاہیے
    میسج نہیں بھیجنا | ایس ایم ایس مت کریں | ان سبسکرائب | انسبسکرائب | ان سبسکرائب کیا | اجازت نہیں | اجازت نہیں دی
    رضامندی نہیں | Phone na karein | Fon mat karo | Call mat kro | Rabta nai karna | Rabta na kare | SMS bnd kro
    SMS band krdo | Msg bund kar do | SMS roko | Jin ko nahi bhejna | Jinko SMS nahi karna | Nahi bhejna
    Nhi bhejna | Mat bhejo | Na bhejen | Not included in SMS | Not to be included in campaign | Not selected for SMS
    SMS denied | Denied SMS | Objected to SMS | Banned from SMS | Doesn't want to be contacted | Not to be called
    Does not wish to be contacted | Never to be contacted | Asked not to be contacted | Mana kar diya (Y/N)
    SMS nahi bhejna (haan/nahi) | Opted out of SMS | Opted out of marketing | Opt out of messages | Opted out of all
    Opted out of our list | Opted out of fee reminders | Opted out of updates | Karachi opt out
    SMS transport opt out | Blacklisted | Rejected | Stop | Stop SMS | STOP? | Refused | Refused SMS
    Refused contact | Declined marketing | No promotions | Not permitted | Consent cancelled | Consent revoked
    Consent withdrawn | Permission withdrawn | Not consented | SMS ki ijazat nahi | Permission to SMS denied
    Requested not to call | Does not consent | Blocked reason | Unsubscribe reason | Opt Out Reason
    SMS consent not received | Consent rejected | Consents withdrawn | Marketing consent refused
    WhatsApp consent denied | Guardian permission denied | Did not give consent | Did not give permission
    Consent not given by parent | Not given consent | Without consent | Consent lapsed | Does not agree to SMS
    Disagrees to SMS | Request no SMS | Request not to contact | Please stop | Wants us to stop
    Wants messages stopped | Wants SMS stopped | Asked to stop SMS | Told to stop | Client asked to stop
    Parent wants to stop | Stop request date | Stop requests | Stop SMS requested | Requesting stop | Parent says no
    Said no to calls | No to marketing | No to WhatsApp | SMS na bhejen | SMS nahin karna | Sms na bheje
    Messages na bhejo | Message nae bhejna | Msg na kro | Paigham na bhejein | Paigham nahi chahiye
    Rabta nahi karein | Rabta mat kro | Call nai krni | Inko SMS nahi bhejna | Is ko SMS na bhejein
    In ko mat bhejo | Mana kr rakha hai | Manaa kiya | Mana kiya hua | Manna kiya | Walid ne mana kiya
    Customer ne mana kar diya | Inkar hai | Unsubscribe kiya | Opt out kiya | DND hai | Blocked list
    Bilkul nahi bhejna | Kabhi nahi bhejna | SMS band kar diye | SMS bandh | SMS bandh karo | SMS rok do | SMS rokna
    SMS service band | پیغام نہ دیں | ایس ایم ایس بند کر دیں | ایس ایم ایس بند کیا | رابطہ منع ہے | رابطے سے انکار
    نہ بھیجیں | نہیں بھیجنا | مت بھیجیں | نہیں چاہئیے | نہیں چاہتے | پیغام نہیں چاہتے | مجھے پیغام نہ بھیجیں
    کال مت کرو | فون مت کریں | فون نہیں کرنا | واٹس ایپ نہ کریں | اجازت نہیں ہے | اجازت نہیں ملی | راضی نہیں
    بلیک لسٹ کیا | منع کردیا | Excluded from marketing | SMS exclusion | SMS excluded | SMS refusal
    Contact refused | Contact denied | Call refused | Marketing refused | Messages refused | Not in campaign
    Not on SMS list | Not eligible for SMS | Cannot be contacted | Can't be contacted | Cannot contact
    Should not be contacted | Must not be SMSed | Not to be SMSed | Do not include in SMS | Exclude from SMS list
    Remove from SMS | Removed from campaign | Drop from campaign | Leave out of SMS | Opted out (SMS)
    SMS opted out | Doesn't like SMS | Not happy with SMS
    Opted out of Eid greetings | Opted out of marketting | Opted out of notices | Opted out of fee notices
    Opted out of follow-ups | Opted out of it | Opted out of numbers | Opted out of Al-Noor | Opted out of class
    Opted out of transport (parents) | Opted out of notifs | Loan opt out | Coaching opt-out | Opt Out Discount
    Opt out bus | Opt out policy | Tuition opt out | Library opt out | Picnic opt out | Exam opt outs
    Karachi opt outs | Blacklisted shops | Blacklist dealers | Company blacklist | Blacklisted by company
    Blacklisted dealers numbers | Blacklisted vendor contacts | Band kar diya SMS | Mana kardiya | Mna kia
    SMS nahi lena chahte | SMS receive nahi karna chahte | SMS ki zaroorat nahi | Alerts nahi chahiye
    SMS nahi karte | SMS nahi kiya jaye | SMS na bhej diya karo | SMS allowed no | SMS not possible (Y/N)
    Contact na karein | Contact nahi karna | Text na karein | Text mat karo | Reminder na bhejein | SMS - No
    SMS: no | Plz no sms | Raazi nahi | Ijazat nahi di gayi | Parental consent denied | Consent withdrawal
    Withdrew consent | Withdraw consent | Consent rejection | Denial of consent | SMS denial
    Excluding from SMS | Mana kar chuke | Not opted in | Block kar diya | Dropped from SMS | Not added to SMS
    Mana kiya ya nahi | Blocked or not
    Not picked for SMS | نا بھیجیں | میسیج نہ کریں | انکار کر چکے | اجازت نہیں دی گئی | پيغام نہ بهيجيں
    """,
    "Send": """
    Include in SMS | Include in campaign | Included in campaign | Include in message list | Can be contacted
    Can be messaged | Can be SMSed | May be contacted | To be SMSed | To be messaged | To be contacted
    Select for SMS | Selected for campaign | Chosen for SMS | Ticked for SMS | In campaign | On SMS list
    Should be contacted | SMS krna hai | SMS bhejna h | SMS bhejna hai | SMS bhejni hai | Msg krna hai | Bhejna h
    SMS bhej dein | Bhej dein | SMS kr dein | Message bhejein | Consent (yes/no) | Consent Y/N | Ijazat (haan/nahi)
    Ijazat di | Bhejna hai (haan/nahi) | SMS karna hai? | ایس ایم ایس بھیجنا ہے | پیغام بھیجیں | Call (Y/N)
    Contact (Y/N) | SMS for fee (Y/N) | Contact for offers (Y/N) | Consent | Permission given | Consent given
    Razamandi | SMS jaye
    Included in SMS | Include in SMS list | Include in this campaign | Include for SMS | Add to campaign
    Add to SMS list | To be included in SMS | Can be texted | Can receive SMS | Could be contacted | To be alerted
    To be notified by SMS | Needs to be contacted | Wants to be contacted | Wishes to be contacted
    Agreed to be contacted | SMS bhejna he | SMS bhejne hain | SMS krni hai | Message krna h | Msg bhejna hai
    Paigham bhejna hai | Inko SMS karna hai | SMS karein | Bhejna hai? | SMS jana hai | Selected for SMS
    Select in campaign | Is ko bhejna hai | پیغام بھیجنا ہے | میسج کرنا ہے | SMS send karna hai | Consent received
    Consent obtained | Permission granted | Permission to text | Permission to contact | Ijazat mili | Raza mandi
    SMS kar do | SMS bhej do | Kya SMS bhejna hai | SMS required (yes/no) | Contact No. for SMS (Y/N)
    SMS required or not | SMS bhejna hai ya nahi | SMS or not | پیغام بھیجنا ہے یا نہیں
    """,
    "Send At": """
    Reminder date | Notification time | SMS notification date | Notify on | Kab bhejna | Bhejne ki tareekh
    SMS kab krna | Fee reminder date
    """,
}

HARMLESS = """
Transport opt-out | Opted out of lunch | Opt out of hostel | Opted out of insurance | Hostel opt out
Opt-out of swimming | Opted out of school trip | Lunch opt out (Y/N) | Call for interview (Y/N)
Called for interview | Call for test (Y/N) | Contact for interview? | Promotion (Y/N) | Promotion
Promotion required (Y/N) | Govt notification date | Board notification date | Result notification date | Stop no
Stop No. | Stop number | Bus stop no | Rejected reason | Rejection reason | Declined reason | Reason rejected
Agreed date | Agreed time | Date agreed | Agreed amount | Refused delivery | Refused vaccination
Refused treatment | Tax exclusion | Blacklisted suppliers | Band | Band name | Mana | Nai abadi | Naan | Nia
Din | Dein | Rabta | Rabta no | Bhejne wala | Bheja gaya | Bheji gayi | Phone nahi | Phone band hai
Number band hai | فون بند | فون نہیں | Chahiye | Kya chahiye | Paisay nahi diye | Fees nahi di | Form nahi mila
Consent form | Consent form not signed | Surgery consent refused | Permission slip not signed
Permission to leave denied | Leave permission refused | Request | Requests | Request date | Requested item
Requested stop name | Request no | Asked | Said | Says | Wants | Want transport | Wants admission
Selected plan | Includes tax | Package included items | In | On | In class | On roll | In contact
Contact in emergency | Interested in | Call letter | Told | Told by | Reply | Replied | Removal | Removal date
Den | Deni | Withdrawal | Withdrawal date | Exclusive | Refused parcels | Exclude tax | Object | Subject
Object code | بند دکان | کرایہ | کرکٹ | دکان | بلاک نمبر | Hi | He | H | Ha | Haan | Say | Saying | Karo | Kr
Kar | Name | Nine | Note | Neha | Nana | Nani | Nh | Karan | Kiran | Home | Not yet called | To be called
To be called for interview | Rabta nahi hua | Call nahi hui | Mana Khan | Diya | Maria | Maan | Jana | Jannat
Want list | Opted subjects | Manzoori | Manzoor | Razia | Wala | Walid | Promotion opt | Stopped salary
Message se pehle | Paigham
Swimming opt out | Opted out of van | Opted out of library | Opt out of tuition fee
Opted-out of insurance (Y/N) | Van opt-out | Called for test | Call for demo?
Contact for delivery | Promotion status | Promotion granted | Promoted (Y/N) | Promotion letter (Y/N)
Exam notification date | Transfer notification date | Notification no & date | Stop no. | Pickup stop no
Stop name | Rejected remarks | Reject reason | Denied reason | Rejected by | Declined by | Agreed on date
Agreed delivery date | Refused admission | Admission refused | Visa refused | Leave refused | Loan refused
Refund refused | Request for leave | Request type | Requested amount | Requested leave | Request status
Request for transfer | Asked price | Asking price | Message says | Wants receipt | Wants van | Wants to join
Wants to enroll | Want to visit | Include GST | Included in package | Includes lunch | Included in fee
Selected for team | Selected for class | Selected in merit list | Chosen subject | Select subject
Denied admission | Medical consent | Consent form signed | Field trip consent denied | Trip permission denied
Permission for trip refused | Excursion consent not given | Fee nahi di | Fees nahi diye | Paisay nahi mile
Kitab nahi mili | Phone band | Mobile band hai | Dukan band | Dukan band hai | Band baja | School band
Fees na di | Na mila | Mana nahi | Karam | Kareem | Mana Bibi | Inkar Khan | Nahid | Naheed | Nai Basti
Nia Khan | Chai | Chaye | Walaa | Dena hai | Fee deni hai | Fees jama karna hai | Kaam karna hai | Bhejne wale
Bhejne ka pata | Rabta kiya | Rabta hua | Call ki | Call kiya | SMS kiya | SMS gaya | SMS mila | Paigham mila
Message mila | فون نہیں ملا | فیس نہیں دی | پیسے نہیں دیے | کتاب نہیں ملی | دکان بند | سکول بند | بند کمرہ
اجازت نامہ | درخواست | نام | کرن | کریم | رابطہ نمبر | رابطہ ہوا | پیغام ملا | کال کی | میسج | تاریخ | State
Not in class | On leave | On time | In stock | Contact in city | Not on roll | Contact by | SMS in Urdu
Message in English | Text in Urdu | Message for parents | Delete | Deleted | Banned items | Exclude GST
Price excl tax | Amount excl GST | Excl. tax | Excl GST | Total excl. tax
Opted out of PE | Opted out of pension | Opted out of islamiat | Opted out of school photos | SMS kar diya
SMS kr dia | SMS kardiya | SMS kar chuke | Message bhej diya | Message bhej chuke | Bhej diya | Bhejdiya
Call kr di | Rabta kar diya | SMS bhejte hain | پیغام بھیج دیا | میسج کر دیا | کال کر دی | Call nai ki
Msg nhi kia | SMS nahi kiya | کال نہیں کی | پیغام نہیں دیا | Contact nahi mila | Call nahi kar saka
Call not picked | Call dropped | Dropped calls | Contact not added | Reminder not added | Rejection
Rejection date | Denial date | Withdraw | Withdraw date | Excl. | Excluding GST | MNA call | On SMS since
In campaign date | Call picked or not | SMS mila ya nahi | SMS kar diya ya nahi | Requested stop
Wanted stop | Student stop requested
"""

TABS = """
Mana kar diya | Mana kia | Nahi chahiye | Nhi chahiye | Requests to stop | Request to stop Nov
Jin ko nahi bhejna | Jinhein nahi bhejna | جن کو نہیں بھیجنا | Consent denied | Consent denied 2026
Consents refused | Permission refused | SMS nahi | SMS band walay | Mana karne wale | Inkar karne wale
منع کرنے والے | انکار کرنے والے | بند نمبر | بند | بند والدین | SMS بند | پیغام بند | بلیک لسٹ | بلیک لسٹ 2026
ان سبسکرائب | Blocked | Excluded | Excluded students | Refused | Refused SMS | Refused (Karachi)
Exclusion list | Opted out of updates | Karachi opt outs | Class 5 opt outs | Opt outs transport SMS
Blacklisted customers | Blacklist Karachi | Stop list | Stop list 2026 | Stop numbers | Asked to stop | Says no
Do not phone | Opted-out customers | Hostel students opted out | Refused parents | Consent denied - Nov
Na bhejein | Wants to stop
Inkar karne walay | Mana karne walon ki list | Jin ko SMS nahi bhejna | Jinko nahi bhejna | Jis ko nahi bhejna
Nahi chahiye wale | Consent refused | Consent not given | Consent withdrawn | Permission denied | No consent
No permission | Request to stop | Requested to stop | Stop request | Requests for removal | Removal requests
Said no | Do not include | Exclude from campaign | Refused consent | SMS refusals | SMS opt outs
Opt outs of SMS | Blacklist | Blocked parents | Unsubscribed from newsletter | منع کر دیا | نہیں چاہیے
انکار کر دیا | جنہوں نے منع کیا | جنہوں نے انکار کیا | پیغام نہیں چاہیے | بند کریں | بلیک لسٹ نمبرز | نہ بھیجیں
SMS na karein | In ko na bhejein | Wants no SMS | Excluded parents | Excluded numbers | Refused 2026
Refusals Lahore | Refused Nov | Blocked Karachi
Refused Defence | Excluded Defence | Excluded Section A | Refused membership | Refused participation
Refused correspondence | Refused invitations | Excluded hostel | Excluded from treatment | Gym opt-outs
Mess opt-outs | Blacklisted companies | Blacklisted firms | Blacklisted shops | Company blacklist
Opted out of Eid greetings | Opted out of ads | Requested STOP | SMS nahi lena chahte
"""

HARMLESS_TABS = """
بند دوکانیں | بند سکول | بند دکانیں | بند فیکٹریاں | بند کاروبار | بند گلیاں | Refused vaccination
Refused treatment | Polio refusals | Vaccination refusals | Refused admission | Hostel opt outs
Hostel opt-outs 2026 | Trip opt outs | Opt outs of swimming | Opted out of transport
Opt out of hostel | Tax exclusion | Tax exclusions | Exclusion of tax | Blacklisted suppliers
Blacklist vendors | Blacklisted contractors | Supplier blacklist | Stop list (buses) | Stop list (vans)
Bus stop list | Route stops | Rejected applications | Rejected orders | Excluded subjects | Withdrawal forms
Requests | Leave requests | Bus stop requests | Refusal conversion | Bheja gaya | Mana | Band rates | Nai list
Phone nahi | Consent forms | Admission denied | Loan denied | Class promotion
Refused vaccine | Refused immunization | Vaccine refusals | Refused surgery | Refused delivery | Excluded items
Tax exemption | Exclusions (tax) | Van opt outs | Opt outs of lunch | Opted out of hostel
Blacklisted vendors | Vendor blacklist
Stop list of buses | Stop list - vans | Stop list (routes) | Rejected loans | Rejected claims | Denied claims
Declined cards | بند گاڑیاں | بند سکولز | بند اکاؤنٹس | بند ہسپتال | بند راستے | منع شدہ اشیاء | Wants admission
Admission requests | Book requests | Dukan band | Trip consent
Rejections | Denials | Withdraw requests | Requested stops | Refused donation | SMS kar diya
"""


def names_of(text: str) -> list[str]:
    return [name.strip() for name in re.split(r"[|\n]", text) if name.strip()]


@pytest.mark.parametrize(
    ("name", "header"), [(name, one) for name, names in COLUMNS.items() for one in names_of(names)]
)
def test_a_column_that_refuses_or_chooses_stops(name: str, header: str) -> None:
    for others in ([], ["Opt Out", "Send At", "Send"]):
        if others and "Reason" in header:  # beside a true Opt Out it tells of that
            continue
        with pytest.raises(SheetError, match=rf"may be meant for (?:'Message' or for )?'{name}' \w+ would be ignored"):
            reader(["Name", "Phone", *others, header])


@pytest.mark.parametrize("header", names_of(HARMLESS))
def test_a_column_about_something_else_does_not(header: str) -> None:
    reader(["Name", "Phone", header])
    reader(["Name", "Phone", "Opt Out", "Send At", "Send", header])


@pytest.mark.parametrize("title", names_of(TABS))
def test_a_tab_that_refuses_stops(title: str) -> None:
    with pytest.raises(SheetError, match="may be meant for 'Opt-outs', but its numbers would be texted"):
        opened(PEOPLE, **{title: NUMBERS})


@pytest.mark.parametrize("title", names_of(HARMLESS_TABS))
def test_a_tab_about_something_else_does_not(title: str) -> None:
    assert opened(PEOPLE, **{title: NUMBERS}).opted_out == frozenset()
