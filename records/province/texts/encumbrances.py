"""Texts of what binds a firm's property: pledges, mortgages, freezes."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from records.province.names import COMPANY, CREDITOR, PERSON, digits, hashes
from records.province.rows import Form, Made, Rows, Words, document, hashed, listed, of_office

DEBTS = ("借款合同", "买卖合同", "融资租赁合同", "其他")
COLLATERAL = ("生产设备", "原材料及产成品", "运输车辆", "存栏畜禽及粮食")
COVERED = ("本金、利息、违约金及实现债权的费用", "本金及利息")
RIGHTS = ("商标专用权", "著作权", "专利权")


def _title(rows: Rows) -> pa.Array:
    right = listed(RIGHTS, rows["kind"]).cast(pa.string())
    return pc.binary_join_element_wise("（合成）", right, digits(rows.number), "")


# fmt: off
ENCUMBRANCES: dict[str, dict[str, Form]] = {
    "equity_pledges": {
        "pledge_no": document("股质登记"),
        "pledgor": hashed(PERSON),
        "pledgee": hashed(CREDITOR),
    },
    "ip_pledges": {
        "registration_no": document("知质登记"),
        "title": Made(_title),
        "pledgor": Made(lambda rows: hashes(rows.firm, COMPANY)),
        "pledgee": hashed(CREDITOR),
    },
    "chattel_mortgages": {
        "registration_no": document("动抵登记"),
        "office": of_office("市场监督管理局"),
        "debt_kind": Words(DEBTS),
        "scope": Words(COVERED),
        "collateral": Words(COLLATERAL),
        "mortgagee": hashed(CREDITOR),
    },
    "equity_freezes": {
        "execution_no": document("执"),
        "holder": hashed(PERSON),
        "court": of_office("人民法院"),
    },
}
# fmt: on
