"""The spreadsheet of the demo: forty people with numbers as they are really typed, in three languages."""

from __future__ import annotations

from typing import Any, NamedTuple

TABS = {
    "Templates": [
        ["Name", "Body"],
        [
            "English",
            "Dear {{ First Name }}, your bill of Rs {{ Due }} is due on 30 November. "
            "Our {{ City }} office is open till 5 pm. Reply STOP to opt out.",
        ],
        [
            "Urdu",
            "محترم {{ First Name }}، آپ کا بل {{ Due }} روپے 30 نومبر تک واجب الادا ہے۔ "
            "پیغامات بند کرنے کے لیے STOP لکھیں۔ شکریہ",
        ],
        ["Roman Urdu", "{{ First Name }}, aap ka bill Rs {{ Due }} 30 November tak jama karwa dein. Shukriya."],
    ],
    "Opt-outs": [["Phone", "Since"], ["0345 9000021", "2026-10-02"]],
}
HEADER = ["ID", "First Name", "Phone", "City", "Due", "Template", "Opt Out", "Message"]
MAX_PARTS = 3
LONG = (
    "Dear customer, " + "we thank you for many years of trust and have news on tariffs, offices and opening hours. " * 6
)


class Row(NamedTuple):
    """One recipient. ``why`` is a word of the reason for which they must be left out, empty for those to be texted."""

    name: str
    phone: str | float
    city: str
    due: str
    template: str = ""
    opt_out: str = ""
    message: str = ""
    why: str = ""


ROWS = [
    Row("Ayesha", "0300-9000001", "Lahore", "2,450"),
    Row("Bilal", "(0321) 9000002", "Karachi", "1,800"),
    Row("فاطمہ", "+92 333 9000003", "اسلام آباد", "5,200", "Urdu"),
    Row("عمران", "0092 345 9000004", "پشاور", "3,100", "Urdu"),
    Row("Hina", "923129000005", "Multan", "990", "Roman Urdu"),
    Row("Usman", 3009000006, "Quetta", "4,000"),
    Row("صائمہ", "۰۳۰۱۹۰۰۰۰۰۷", "فیصل آباد", "1,250", "Urdu"),
    Row("Kamran", "+92 (0) 302 9000008", "Sialkot", "2,005"),
    Row("Nadia", "٠٣٣٣٩٠٠٠٠٠٩", "Rawalpindi", "1,475", "Roman Urdu"),
    Row("Omar", "０３０６９００００１０", "Hyderabad", "6,010"),
    Row("زینب", "0307\u00a09000011", "گوجرانوالہ", "2,300", "Urdu"),
    Row("Tariq", "\ufeff0336 9000012", "Karachi", "8,750"),
    Row("Rabia", "0344\u200b9000013", "Abbottabad", "1,120"),
    Row("Sana", 923009000014.0, "Lahore", "3,330", "Roman Urdu"),
    Row("احمد", "923159000015.0", "ملتان", "700", "Urdu"),
    Row("Faisal", "'0313 9000016", "Bahawalpur", "2,980"),
    Row("Mehwish", "0300 900 00 17", "Sukkur", "1,640"),
    Row("ندیم", "0322.9000018", "لاہور", "4,450", "Urdu"),
    Row("Ayesha", "+923009000001", "Lahore", "2,450", why="same number"),  # the first row again
    Row("Yasir", "0343-9000020", "Mardan", "1,990", opt_out="yes", why="opted out"),
    Row("Amna", "0345-9000021", "Larkana", "2,760", why="opted out"),  # on the tab Opt-outs
    Row("", "0346-9000022", "Sahiwal", "3,050", why="blank"),
    Row("Zubair", "0347-9000023", "Okara", "1,310", message=LONG, why="too long"),
    Row("Shazia", "0300-90000", "Kasur", "900", why="bad number"),
    Row("Imran", "9.23E+11", "Gujrat", "2,100", why="bad number"),
    Row("خالد", "0301-9000026 / 0302-9000027", "کوئٹہ", "5,600", "Urdu", why="bad number"),
    Row("Maria", "O3OO-9000028", "Lahore", "1,730", why="bad number"),
    Row("Asad", "0300-9000029 (office)", "Jhelum", "2,880", why="bad number"),
    Row("Noor", "+1 202 555 0123", "Karachi", "4,120", why="bad number"),
    Row("Saad", "042-35761234", "Lahore", "1,560", why="bad number"),  # a landline
    Row("Kiran", "", "Swat", "2,240", why="phone"),
    Row("بشریٰ", "0308 9000032", "سوات", "1,090", "Urdu"),
    Row("Waqas", "0309-9000033", "Chitral", "3,470", "Roman Urdu"),
    Row("Iqra", "0310-9000034", "Gilgit", "2,650"),
    Row("ہارون", "0311-9000035", "ہنزہ", "1,880", "Urdu"),
    Row("Danish", "0320-9000036", "Nawabshah", "990"),
    Row("Lubna", "0323-9000037", "Mirpur", "4,760", "Roman Urdu"),
    Row("Rizwan", "0324-9000038", "Kohat", "1,420"),
    Row("سعدیہ", "0331-9000039", "راولپنڈی", "2,090", "Urdu"),
    Row("Zahid", "0332-9000040", "Dera Ghazi Khan", "3,615"),
]


def recipients() -> list[list[Any]]:
    """Return the tab Recipients, without the tool's own columns: those it makes itself."""
    rows = [
        [f"C-{number}", row.name, row.phone, row.city, row.due, row.template, row.opt_out, row.message]
        for number, row in enumerate(ROWS, start=101)
    ]
    return [HEADER, *rows]
