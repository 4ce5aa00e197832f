"""What is planted in the files."""

from bizlab.labels import Label
from bizlab.sample.planted.plant import Planted

DIRT = (
    Planted(
        "duplicate-companies",
        "dirt",
        "customers 003101 to 003124 are 24 companies that are there already",
        "229 orders, 33,892,859.00 stand under the second ids; kinds in turn: brackets, suffix, full width",
        Label("同一企业重复建档(括号、后缀、全角)", "duplicate companies: brackets, suffix, full width"),
    ),
    Planted(
        "look-alike-companies",
        "dirt",
        "customers 001122 and 001096; 000555 and 000165; 002049 and 001503",
        "鲁岳立名热电 for 鲁岳立铭热电; 浙江省 before 浙屏辰源化工; 91993600948609697T, typed wrong at 001503",
        Label("疑似重复:列出,不合并", "may be one company: listed, not merged"),
    ),
    Planted(
        "revenue-in-yuan",
        "dirt",
        "customers 003055, annual revenue",
        "76,970,000 万元 typed, 7,697 万元 meant: 10,000 times too much",
        Label("年收入单位错误(元误作万元)", "a revenue typed in yuan where 万元 was meant"),
    ),
    Planted(
        "wrong-check-character",
        "dirt",
        "customers 000101, 000562, 001027, 001503, 001977, 002448",
        "6 credit codes with a wrong last character",
        Label("统一社会信用代码校验位错误", "credit codes whose check character is wrong"),
    ),
    Planted(
        "odd-names",
        "dirt",
        "customers 000108, 000112, 000114, 000115",
        '=HYPERLINK("http://example.invalid","点这里")有限公司 · <script>alert(1)</script>有限公司 · NA · None',
        Label("异样名称仍是名称", "names like a formula, a script, NA and None are names"),
    ),
    Planted(
        "leading-zeros",
        "dirt",
        "customers.customer_id",
        "000102 stays 000102",
        Label("编号的前导零", "leading zeros of ids"),
    ),
    Planted(
        "typed-numbers",
        "dirt",
        "customers 000301 and 000302 (headcount); order line SO2609-00166-2 (amount)",
        "2,666 and ２６６６ are 2666; 3.2万 is 32,000.00",
        Label("千分位、全角、万的写法", "thousands separators, full width, 万"),
    ),
    Planted(
        "brackets-negative",
        "dirt",
        "erp/orders_*.xlsx, lines of quantity 0 (rebates)",
        "69 lines, -389,766.00 in all",
        Label("括号表示的负数", "negative amounts in brackets"),
    ),
    Planted(
        "dates-mixed",
        "dirt",
        "erp and amoeba workbooks; founded_on in customers.csv",
        "about 1.5 % of dates as text or serial numbers",
        Label("文本与序列号日期", "dates as text and serials"),
    ),
    Planted(
        "dates-impossible",
        "dirt",
        "crm/contacts_own.csv, K90001 and K90002",
        "2026-02-30 and 2026/13/05",
        Label("不存在的日期,应拒收", "dates that do not exist: rejected"),
    ),
    Planted(
        "key-conflict",
        "dirt",
        "crm/contacts_own.csv, the first contact once more at the end",
        "same id, other position",
        Label("同一编号内容不同", "one id with two contents"),
    ),
    Planted(
        "lines-repeated",
        "dirt",
        "crm/stage_events_2026.csv, the last three lines",
        "3 lines again",
        Label("文件内重复行,应合并", "repeated lines: merged"),
    ),
    Planted(
        "file-cut",
        "dirt",
        "budget/actual_lines_2025.csv, JV2512-00113",
        "280.00 is read where 28,014.11 was sent; the control total says so",
        Label("文件尾部被截断", "a file that was cut"),
    ),
    Planted(
        "file-twice",
        "dirt",
        "budget/actual_lines_2024.csv and actual_lines_2024 (1).csv",
        "142 lines twice",
        Label("同一文件交付两次", "a file delivered twice"),
    ),
    Planted(
        "encodings",
        "dirt",
        "crm/contacts_own.csv (GB18030), contacts_partner.csv (Big5), "
        "budget/actual_lines_*.csv (GBK), the other csv files UTF-8 with a byte-order mark",
        "as named",
        Label("多种编码", "several encodings"),
    ),
    Planted(
        "hidden-rows",
        "dirt",
        "erp/settlements_2026.xlsx, RC2601-00041 to RC2601-00043",
        "3 hidden lines, 36,091.20 in all, that count",
        Label("隐藏行也是数据", "hidden rows are data"),
    ),
    Planted(
        "confirmed-after-closing",
        "dirt",
        "amoeba/daily_2026-09.xlsx, EX2609-00459 of WH",
        "22,000.00 of 2026-09-30, confirmed on 2026-10-13; all others within 3 days after the end of their month",
        Label("结账后才确认的记录", "a record confirmed after the books were closed"),
    ),
)
