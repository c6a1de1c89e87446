"""Workbooks as Excel itself writes them, down to the XML: what openpyxl cannot write, or mends."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def workbook(
    path: Path,
    *sheets: str,
    strings: Sequence[str] = (),
    formats: Sequence[int | str] = (),
    states: Sequence[str] = (),
    epoch: str = "",
) -> Path:
    """Write a workbook of sheets given as the XML of their rows.

    Parameters
    ----------
    strings : the XML of the shared strings' content, such as ``<t>局</t>``.
    formats : number formats of the styles from 1 on, built-in numbers or codes; 0 is General.
    states : of the sheets, such as hidden.
    """
    codes = [one for one in formats if isinstance(one, str)]
    ids = [0, *(165 + codes.index(one) if isinstance(one, str) else one for one in formats)]
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_TYPE}.sharedStrings+xml"/>'
        + "".join(
            f'<Override PartName="/xl/worksheets/sheet{at}.xml" '
            f'ContentType="{_TYPE}.worksheet+xml"/>'
            for at in range(len(sheets))
        )
        + "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        f"<workbookPr {epoch}/><sheets>"
        + "".join(
            f'<sheet name="表{at}" sheetId="{at + 1}" r:id="r{at}" '
            f'state="{states[at] if states else "visible"}"/>'
            for at in range(len(sheets))
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        + "".join(
            f'<Relationship Id="r{at}" Type="{_OFFICE}/worksheet" '
            f'Target="/xl/worksheets/sheet{at}.xml"/>'
            for at in range(len(sheets))
        )
        + f'<Relationship Id="s" Type="{_OFFICE}/styles" Target="styles.xml"/>'
        f'<Relationship Id="t" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
        "</Relationships>",
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><numFmts>'
        + "".join(
            f'<numFmt numFmtId="{165 + at}" formatCode="{code}"/>' for at, code in enumerate(codes)
        )
        + "</numFmts><fonts><font/></fonts><fills><fill/></fills><borders><border/></borders>"
        "<cellStyleXfs><xf/></cellStyleXfs><cellXfs>"
        + "".join(f'<xf numFmtId="{number}"/>' for number in ids)
        + '</cellXfs><cellStyles><cellStyle name="Normal" xfId="0"/></cellStyles></styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">'
        + "".join(f"<si>{string}</si>" for string in strings)
        + "</sst>",
    }
    parts |= {
        f"xl/worksheets/sheet{at}.xml": f'<worksheet xmlns="{_MAIN}">{rows}</worksheet>'
        for at, rows in enumerate(sheets)
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path


def cells(*row: str) -> str:
    """A row of a sheet of cells given as XML, or as text."""
    given = (
        cell if cell.startswith("<c") else f'<c t="inlineStr"><is><t>{cell}</t></is></c>'
        for cell in row
    )
    return f"<row>{''.join(given)}</row>"


def data(*rows: str, after: str = "") -> str:
    """A sheet's XML of rows, and what stands after them."""
    return f"<sheetData>{''.join(rows)}</sheetData>{after}"
