"""What binds a firm's property: pledges, mortgages, freezes.

Parties that may be natural persons are kept as keyed hashes.
"""

from __future__ import annotations

from records.columns import Going, Table, code, date, fen, person, share, text

IN_FORCE = ("valid 有效", "invalid 无效")

# fmt: off
ENCUMBRANCES = (
    Table("equity_pledges", "股权出质", "equity pledges", (
        code("pledge_no", "登记编号", "registration number", gsxt="equityNo"),
        person("pledgor", "出质人", "pledgor", gsxt="pledBLicNo"),
        person("pledgee", "质权人", "pledgee", gsxt="impOrgBLicNo"),
        fen("amount", "出质股权数额", "equity pledged, where given in money", 0, gsxt="impAm"),
        share("share", "出质股权比例", "pledged part of the firm's equity"),
        text("status", "状态", "status", *IN_FORCE, gsxt="type"),
        date("cancelled_on", "注销日期", "day of cancellation", "仍有效 still in force",
             not_before="event_time", going=(Going("status", ("invalid",)),), gsxt="canDate"),
    ), code="E05", event=("出质设立登记日期", "day of registration"),
       clocks={"event_time": "equPleDate", "known_time": "publicDate"}),
    Table("ip_pledges", "知识产权质押", "pledges of intellectual property", (
        code("registration_no", "登记证号", "registration number", gsxt="tmRegNo"),
        text("title", "名称", "title of the right", gsxt="tmName"),
        text("kind", "种类", "kind of right", "trademark 商标",
             "copyright 版权", "patent 专利", gsxt="kinds"),
        person("pledgor", "出质人", "pledgor"),
        person("pledgee", "质权人", "pledgee"),
        date("ends_on", "质权登记期限至", "end of the pledge", "无期限 without end",
             not_before="event_time", gsxt="pleRegPerTo"),
        text("status", "状态", "status", *IN_FORCE, gsxt="type"),
    ), code="E06", event=("质权登记期限自", "start of the pledge"),
       clocks={"event_time": "pleRegPerFrom", "known_time": "publicDate"}),
    Table("chattel_mortgages", "动产抵押", "chattel mortgages", (
        code("registration_no", "登记编号", "registration number", gsxt="morRegCNo"),
        text("office", "登记机关", "registering office", gsxt="regOrg"),
        text("debt_kind", "被担保债权种类", "kind of the secured debt", gsxt="priClaSecKind"),
        fen("amount", "被担保债权数额", "amount secured", 0, gsxt="priClaSecAm"),
        date("starts_on", "履行期限自", "start of the debt's term", gsxt="pefPerForm"),
        date("ends_on", "履行期限至", "end of the debt's term", "无期限 without end",
             not_before="starts_on", gsxt="pefPerTo"),
        text("scope", "担保范围", "what the security covers", gsxt="warCov"),
        text("collateral", "抵押物", "what is mortgaged"),
        person("mortgagee", "抵押权人", "mortgagee"),
        text("status", "状态", "status", *IN_FORCE, gsxt="type"),
    ), code="E07", event=("登记日期", "day of registration"), clocks={"event_time": "regiDate"}),
    Table("equity_freezes", "股权冻结", "freezes of equity by a court", (
        code("execution_no", "执行裁定书文号", "number of the order", gsxt="executeNo"),
        person("holder", "被执行人", "holder of the frozen equity", gsxt="inv"),
        fen("amount", "股权数额", "equity frozen", 0, gsxt="froAm"),
        text("court", "执行法院", "court", gsxt="froAuth"),
        text("state", "状态", "state", "frozen 冻结", "released 解除冻结", "renewed 续行冻结",
             "lapsed 失效", gsxt="frozState"),
        date("ends_on", "冻结期限至", "end of the freeze", "无期限 without end",
             not_before="event_time", gsxt="froTo"),
    ), code="E08", event=("冻结期限自", "start of the freeze"),
       clocks={"event_time": "froFrom", "known_time": "publicDate"}),
)
# fmt: on
