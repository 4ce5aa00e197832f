"""Internal trade: who sells to whom, whether both books agree, who gains from another price."""

from pydantic import Field, StrictInt, StrictStr

from bizlab.analyses.amoeba.parameters import Accounting
from bizlab.run.analysis import Analysis


class Parameters(Accounting):
    """What the page may be asked for."""

    trade_tolerance_days: StrictInt = Field(
        0, ge=0, description="内部交易容差:天数 | days by which both sides may differ"
    )
    trade_tolerance_fen: StrictInt = Field(
        0, ge=0, description="内部交易容差:金额(分) | fen by which both sides may differ"
    )
    price_item: StrictStr | None = Field(
        None, description="价格实验的品项;空为销售最大者 | price-lab item; none: the largest"
    )
    price_change_rate: float = Field(
        0.05, strict=True, ge=-1, description="价格实验的调价比例 | change of its price in the price lab"
    )


ANALYSIS = Analysis(Parameters)
