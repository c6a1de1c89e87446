from __future__ import annotations

import pyarrow as pa
import pytest

from records.names import address, branch, firm, plain, with_keys
from records.schema import TABLES


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("哈尔滨 安润（中国）商贸有限责任公司", "哈尔滨安润中国商贸有限公司"),
        ("哈尔滨安润(中国)商贸有限公司", "哈尔滨安润中国商贸有限公司"),
        ("安润［集团］股份有限责任公司", "安润集团股份有限公司"),
        ("Ａｂｃ・公司", "ABC公司"),
        ("安润商贸股份有限公司", "安润商贸股份有限公司"),
        ("安润中心（有限合伙）", "安润中心有限合伙"),
        ("", ""),
    ],
)
def test_a_firms_name_has_one_spelling(name: str, expected: str) -> None:
    assert firm(name) == expected
    assert firm(expected) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("安润商贸有限责任公司呼兰分公司", ("安润商贸有限公司", "呼兰分公司")),
        ("安润商贸有限公司（呼兰）第二分店", ("安润商贸有限公司", "呼兰第二分店")),
        ("中国银行股份有限公司哈尔滨道里支行", ("中国银行股份有限公司", "哈尔滨道里支行")),
        ("安信会计师事务所大庆分所", ("安信会计师事务所", "大庆分所")),
        ("安润商贸有限公司", None),
        ("分公司研究所", None),
    ],
)
def test_a_branch_names_its_head(name: str, expected: tuple[str, str] | None) -> None:
    assert branch(name) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "黑龙江省哈尔滨市道里区中央大街一百二十号（集群注册） 3栋 二单元 501 房间",
            "黑龙江省哈尔滨市道里区中央大街120号3号楼2单元501室",
        ),
        ("道里区中央大街120号3号楼2单元501室", "道里区中央大街120号3号楼2单元501室"),
        ("南岗区十字街１２－５号", "南岗区十字街12-5号"),
        ("北安市二〇三号", "北安市203号"),
        ("一面街三十号", "一面街30号"),
        ("三合乡三合村", "三合乡三合村"),
        ("友谊路12（3）号", "友谊路12-3号"),
        ("友谊路12号，3室", "友谊路12号3室"),
        ("友谊路12 3室", "友谊路12-3室"),
        ("友谊路12号（A座）", "友谊路12号A座"),
    ],
)
def test_an_address_has_one_spelling(text: str, expected: str) -> None:
    assert address(text) == expected
    assert address(expected) == expected


def test_only_spelling_is_touched() -> None:
    assert plain(" Ａ（b）— c ") == "A(B)-C"
    # Different firms stay different: the legal form and the place are part of the name.
    assert firm("安润商贸有限公司") != firm("安润商贸股份有限公司")
    assert firm("哈尔滨安润有限公司") != firm("大庆安润有限公司")


def test_keys_are_made_of_given_columns_each_spelling_once() -> None:
    given = pa.table({"address": ["道里区中央大街 3 栋", None, "道里区中央大街3号楼"]})
    table = with_keys(given, TABLES["enterprises"])
    assert table.column("address_key").to_pylist() == [
        "道里区中央大街3号楼",
        None,
        "道里区中央大街3号楼",
    ]
    assert with_keys(given, TABLES["penalties"]).column_names == ["address"]
