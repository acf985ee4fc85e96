"""What stands in a cell until a formula has its value, or because it has none: never content, wherever it is copied to."""

from __future__ import annotations

import re

from .folding import as_seen


def passing_value(text: str) -> str | None:
    """Return what a cell holds in place of content: an error such as ``#N/A``, or ``Loading...``; None for content.

    Spreadsheets write both in their own language; invisible characters and full-width forms do not count.
    """
    if _MAY_PASS.search(text) is None:
        return None
    found = text.strip()
    # "#REF! #REF!" of a first and a last name.
    words = found.split()[:_MOST_WORDS] if len(found) <= _LONGEST_PASSING else []
    return found if formula_error(found) or is_loading(found) or (words and all(map(formula_error, words))) else None


def formula_error(text: str) -> bool:
    """Tell whether *text* is an error value such as ``#N/A`` or ``#REF!``, in whatever language and case."""
    if _MAY_PASS.search(text) is None:
        return False
    seen = _BLANKS.sub("", as_seen(text))  # France writes "#NOMBRE !"
    if len(seen) > _LONGEST_PASSING:
        return False
    form = seen.casefold()
    return form in _ERRORS or any(pattern.fullmatch(seen) for pattern in _ERROR_FORMS)


def is_loading(text: str) -> bool:
    """Tell whether *text* is what a cell shows while its formula is being calculated, such as ``Loading...``."""
    if _MAY_PASS.search(text) is None:
        return False
    seen = as_seen(text)  # also makes "..." of the one character
    return len(seen) <= _LONGEST_PASSING and seen.endswith("...") and seen.casefold().startswith(_LOADING)


_LONGEST_PASSING = 60
_MOST_WORDS = 20
#: What any of them holds: nearly all cells hold none of these, and need no closer look.
_MAY_PASS = re.compile("[#\uff03\ufe5f.\u2024\u2025\u2026\ufe52\uff0e:\uff1a]")
_BLANKS = re.compile(r"\s+(?=[!?/:\d])|(?<=[/:])\s+")
# Without a mark at the end, only these: "#SALE" is a person's word.
_ERRORS = frozenset({
    "#n/a", "#na", "#nv", "#n/d", "#n/v", "#н/д", "#yok", "#i/t", "#hiányzik", "#brak", "#ref", "#name",
    "#value", "#div/0", "#num", "#null", "#error", "#spill", "#calc", "#field", "#blocked", "#connect",
    "#getting_data", "#pending", "#busy",
})  # fmt: skip
_ERROR_FORMS = (
    # With one, every word in capitals: #VALUE!, #WERT!, #¡VALOR!, #¿NOMBRE?, #DIV/0!, #ССЫЛКА!
    re.compile(r"#[¡¿]?[^\W\da-z_][^\Wa-z]*(?:/0)?[!?]"),
    # In any case, the names that spreadsheets give them, as far as they are no words to begin a text with.
    re.compile(
        r"#[¡¿]?(?:n/a|ref|name|value|num|null|error|spill|calc|div/0|wert|bezug|zahl|überlauf|kalk|valeur|nom|nombre|valor"
        r"|nulo|nul|calcul|propagation|desbordamiento|valore|nome|rif|nullo|errore|arg|adr|nazwa|liczba|имя|ссылка|знач|число"
        r"|пусто|дел/0|değer|ad|sayı|başv|boş|waarde|verw|naam|getal|leeg|värde|referens|namn|reference|erro|erreur|fehler)"
        r"[!?]",
        re.IGNORECASE,
    ),
    # A column that is too narrow for its number, as exports and copies leave it.
    re.compile(r"#{3,}"),
    # LibreOffice.
    re.compile(r"(?:err|error|fehler|erreur|errore|erro|fout|fel|błąd|ошибка|hata)\.?:5\d\d", re.IGNORECASE),
)
_LOADING = (
    "loading", "fetching", "retrieving", "requesting", "calculating", "generating", "importing", "refreshing",
    "thinking", "wird geladen", "laden", "lädt", "chargement", "cargando", "carregando", "a carregar", "caricamento",
    "s'està carregant", "carregant", "загрузка", "завантаження", "учитава", "вчитува", "загружается", "yükleniyor",
    "yüklənir", "memuat", "naglo-load", "đang tải", "ładowanie", "wczytywanie", "načít", "nalaga", "betöltés",
    "se încarcă", "φόρτωση", "indlæser", "läser in", "laster inn", "ladataan", "laadimine", "laadib", "notiek ielāde",
    "ielādē", "įkeliama", "kraunama", "hleður", "зареждане", "зарежда", "učitava", "正在加载", "加载中", "正在載入",
    "載入中", "読み込", "로드 중", "로딩 중", "กำลังโหลด", "लोड हो", "लोड होत", "लोड हुँदै", "লোড হচ্ছে", "લોડ થઈ",
    "లోడ్ అవు", "ಲೋಡ್ ಆಗು", "ലോഡ്", "ஏற்று", "لوڈ ہو رہا", "لوڈنگ", "جارٍ التحميل", "جار التحميل", "جاري التحميل",
    "در حال بارگیری", "درحال بارگیری", "טוען", "בטעינה", "inapakia", "kargatzen",
)  # fmt: skip
