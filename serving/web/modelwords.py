"""The texts of the model's page."""

from __future__ import annotations

from serving.telling.languages import apart

_TEXTS: dict[str, tuple[str, str]] = {
    "title": ("模型", "The model"),
    "version": ("版本", "Version"),
    "until": ("学习截至", "Learned before"),
    "draws": ("代表全部企业的抽取检查", "Draws that speak for all"),
    "positives": ("其中有问题", "of them with a problem"),
    "auc": ("AUC", "AUC"),
    "ratio": ("预期／实际", "Expected / observed"),
    "promoted": ("已通过晋级关", "Passed the gate"),
    "not_promoted": ("未通过晋级关", "Did not pass the gate"),
    "gate": ("晋级关", "Gate"),
    "calibration": ("校准：预测与实际的问题率", "Calibration: predicted and observed"),
    "calibration_note": (
        "每点为一组得分相近的抽取检查，竖线为 95% 区间；越靠近斜线越准。",
        "Each point: draws of similar score, with a 95% interval; best on the line.",
    ),
    "classes": ("各类别的实际问题率", "Observed problem rate of each class"),
    "card": ("模型卡", "Model card"),
    "registry": ("模型登记（MLflow）", "Registry (MLflow)"),
    "open": ("在 MLflow 中打开", "Open in MLflow"),
    "registered": (
        "登记名 {name}，内容 {content}；在 MLflow 中按此查找。",
        "Registered as {name}, content {content}; look it up in MLflow.",
    ),
    "none": (
        "本期分类发布时没有附带模型卡。",
        "This run was published without its model's card.",
    ),
    "table": ("表格", "Table"),
    "indicators": ("指标目录", "Indicators"),
    "policy": ("分类规则", "Policy"),
    "snapshot": ("记录版本", "Records"),
    "run": ("批次", "Run"),
}

MODEL = apart(_TEXTS)
