"""The spreadsheet that a new sandbox starts with: a small campaign with the kinds of rows that real sheets have."""

from __future__ import annotations

DEMO_ID = "demo-campaign"

_RECIPIENTS = [
    ["ID", "First Name", "Phone", "City", "Due", "Message", "Opt Out"],
    ["C-101", "Ayesha", "0300-1234567", "Lahore", "2,450", "", ""],
    ["C-102", "Bilal", "+92 321 4567890", "Karachi", "1,800", "", ""],
    ["C-103", "Fatima", "923331112233", "Islamabad", "5,200", "", ""],
    [
        "C-104",
        "عمران",
        "0345 9876543",
        "Peshawar",
        "3,100",
        "محترم عمران، آپ کا بل 3,100 روپے واجب الادا ہے۔ شکریہ",
        "",
    ],
    ["C-105", "Hina", "(0312) 5550101", "Multan", "990", "", ""],
    ["C-106", "Usman", "0300-12345", "Quetta", "4,000", "", ""],
    ["C-107", "صائمہ", "۰۳۰۱۲۲۲۳۳۳۴", "Faisalabad", "1,250", "صائمہ صاحبہ، آپ کی قسط کی آخری تاریخ 30 نومبر ہے۔", ""],
    ["C-108", "Kamran", "0300-1234567", "Lahore", "2,450", "", ""],
    ["C-109", "", "03155556677", "Sialkot", "3,300", "", ""],
    ["C-110", "Nadia", "0333 7778899", "Rawalpindi", "1,475", "", "yes"],
    ["C-111", "Omar", "+92 (0) 302 4443322", "Hyderabad", "6,010", "", ""],
    ["C-112", "Zainab", "0306/0307 1112223", "Gujranwala", "2,005", "", ""],
    ["C-113", "Tariq", "00923361234500", "Karachi", "8,750", "", ""],
    ["C-114", "Rabia", "0344-1010101", "Abbottabad", "1,120", "", ""],
]
_TEMPLATES = [
    ["Name", "Body"],
    [
        "reminder",
        "Dear {{ First Name }}, your bill of Rs {{ Due }} is due on 30 November. Pay at any branch in {{ City }}. Thank you.",
    ],
    ["thanks", "Thank you, {{ First Name }}! We have received your payment."],
]
# As it is given to those who make spreadsheets (:class:`.sheets.service.NewSpreadsheet`).
DEMO_SHEET = {
    "title": "Demo campaign",
    "id": DEMO_ID,
    "sheets": [{"title": "Recipients", "rows": _RECIPIENTS}, {"title": "Templates", "rows": _TEMPLATES}],
}
