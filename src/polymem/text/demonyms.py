"""Peoples and their countries: who is Norwegian is of Norway. States of the United Nations and a few others.

One line for each country: its name in English, the words for what is of it, other names, its name in Chinese. A word
that means several countries is not here (Congolese, Dominican, Guinean, Korean, Samoan), nor one that is mostly
something else (Chad's "Chadian" is; "Indian" and "American" mean the country far oftener than anything else).
"""

from __future__ import annotations

from functools import cache
from typing import Final

__all__ = ["country_of"]

_TABLE: Final = """
afghanistan: afghan; ; 阿富汗
albania: albanian; ; 阿尔巴尼亚
algeria: algerian; ; 阿尔及利亚
andorra: andorran; ; 安道尔
angola: angolan; ; 安哥拉
argentina: argentine, argentinian; ; 阿根廷
armenia: armenian; ; 亚美尼亚
australia: australian; ; 澳大利亚
austria: austrian; ; 奥地利
azerbaijan: azerbaijani; ; 阿塞拜疆
bahrain: bahraini; ; 巴林
bangladesh: bangladeshi; ; 孟加拉国
barbados: barbadian; ; 巴巴多斯
belarus: belarusian; ; 白俄罗斯
belgium: belgian; ; 比利时
belize: belizean; ; 伯利兹
benin: beninese; ; 贝宁
bhutan: bhutanese; ; 不丹
bolivia: bolivian; ; 玻利维亚
botswana: botswanan; ; 博茨瓦纳
brazil: brazilian; ; 巴西
bulgaria: bulgarian; ; 保加利亚
burkina faso: burkinabe; ; 布基纳法索
burundi: burundian; ; 布隆迪
cambodia: cambodian; ; 柬埔寨
cameroon: cameroonian; ; 喀麦隆
canada: canadian; ; 加拿大
chile: chilean; ; 智利
china: chinese; people s republic of china, prc; 中国
colombia: colombian; ; 哥伦比亚
costa rica: costa rican; ; 哥斯达黎加
croatia: croatian; ; 克罗地亚
cuba: cuban; ; 古巴
cyprus: cypriot; ; 塞浦路斯
czech republic: czech; czechia; 捷克
denmark: danish, dane; ; 丹麦
ecuador: ecuadorian; ; 厄瓜多尔
egypt: egyptian; ; 埃及
el salvador: salvadoran; ; 萨尔瓦多
england: english; ; 英格兰
eritrea: eritrean; ; 厄立特里亚
estonia: estonian; ; 爱沙尼亚
ethiopia: ethiopian; ; 埃塞俄比亚
fiji: fijian; ; 斐济
finland: finnish, finn; ; 芬兰
france: french; ; 法国
gabon: gabonese; ; 加蓬
gambia: gambian; the gambia; 冈比亚
germany: german; ; 德国
ghana: ghanaian; ; 加纳
greece: greek; ; 希腊
guatemala: guatemalan; ; 危地马拉
guyana: guyanese; ; 圭亚那
haiti: haitian; ; 海地
honduras: honduran; ; 洪都拉斯
hungary: hungarian; ; 匈牙利
iceland: icelandic, icelander; ; 冰岛
india: indian; ; 印度
indonesia: indonesian; ; 印度尼西亚
iran: iranian; ; 伊朗
iraq: iraqi; ; 伊拉克
ireland: irish; republic of ireland; 爱尔兰
israel: israeli; ; 以色列
italy: italian; ; 意大利
ivory coast: ivorian; cote d ivoire; 科特迪瓦
jamaica: jamaican; ; 牙买加
japan: japanese; ; 日本
jordan: jordanian; ; 约旦
kazakhstan: kazakh, kazakhstani; ; 哈萨克斯坦
kenya: kenyan; ; 肯尼亚
kosovo: kosovar, kosovan; ; 科索沃
kuwait: kuwaiti; ; 科威特
kyrgyzstan: kyrgyz, kyrgyzstani; ; 吉尔吉斯斯坦
laos: laotian; ; 老挝
latvia: latvian; ; 拉脱维亚
lebanon: lebanese; ; 黎巴嫩
liberia: liberian; ; 利比里亚
libya: libyan; ; 利比亚
lithuania: lithuanian; ; 立陶宛
luxembourg: luxembourgish, luxembourger; ; 卢森堡
madagascar: malagasy; ; 马达加斯加
malawi: malawian; ; 马拉维
malaysia: malaysian; ; 马来西亚
maldives: maldivian; ; 马尔代夫
mali: malian; ; 马里
malta: maltese; ; 马耳他
mauritania: mauritanian; ; 毛里塔尼亚
mauritius: mauritian; ; 毛里求斯
mexico: mexican; ; 墨西哥
moldova: moldovan; ; 摩尔多瓦
monaco: monegasque; ; 摩纳哥
mongolia: mongolian; ; 蒙古国
montenegro: montenegrin; ; 黑山
morocco: moroccan; ; 摩洛哥
mozambique: mozambican; ; 莫桑比克
myanmar: burmese; burma; 缅甸
namibia: namibian; ; 纳米比亚
nepal: nepalese, nepali; ; 尼泊尔
netherlands: dutch; the netherlands; 荷兰
new zealand: new zealander; ; 新西兰
nicaragua: nicaraguan; ; 尼加拉瓜
niger: nigerien; ; 尼日尔
nigeria: nigerian; ; 尼日利亚
north korea: north korean; ; 朝鲜
north macedonia: macedonian; macedonia; 北马其顿
norway: norwegian; ; 挪威
oman: omani; ; 阿曼
pakistan: pakistani; ; 巴基斯坦
palestine: palestinian; ; 巴勒斯坦
panama: panamanian; ; 巴拿马
papua new guinea: papua new guinean; ; 巴布亚新几内亚
paraguay: paraguayan; ; 巴拉圭
peru: peruvian; ; 秘鲁
philippines: filipino, filipina, philippine; the philippines; 菲律宾
poland: polish, pole; ; 波兰
portugal: portuguese; ; 葡萄牙
puerto rico: puerto rican; ; 波多黎各
qatar: qatari; ; 卡塔尔
romania: romanian; ; 罗马尼亚
russia: russian; russian federation; 俄罗斯
rwanda: rwandan; ; 卢旺达
saudi arabia: saudi, saudi arabian; ; 沙特阿拉伯
scotland: scottish, scots; ; 苏格兰
senegal: senegalese; ; 塞内加尔
serbia: serbian, serb; ; 塞尔维亚
sierra leone: sierra leonean; ; 塞拉利昂
singapore: singaporean; ; 新加坡
slovakia: slovak, slovakian; ; 斯洛伐克
slovenia: slovenian, slovene; ; 斯洛文尼亚
somalia: somali; ; 索马里
south africa: south african; ; 南非
south korea: south korean; ; 韩国
south sudan: south sudanese; ; 南苏丹
soviet union: soviet; ussr; 苏联
spain: spanish, spaniard; ; 西班牙
sri lanka: sri lankan; ceylon; 斯里兰卡
sudan: sudanese; ; 苏丹
suriname: surinamese; ; 苏里南
sweden: swedish, swede; ; 瑞典
switzerland: swiss; ; 瑞士
syria: syrian; ; 叙利亚
taiwan: taiwanese; ; 台湾
tajikistan: tajik, tajikistani; ; 塔吉克斯坦
tanzania: tanzanian; ; 坦桑尼亚
thailand: thai; siam; 泰国
togo: togolese; ; 多哥
tunisia: tunisian; ; 突尼斯
turkey: turkish, turk; turkiye; 土耳其
turkmenistan: turkmen; ; 土库曼斯坦
uganda: ugandan; ; 乌干达
ukraine: ukrainian; ; 乌克兰
united arab emirates: emirati; uae; 阿联酋
united kingdom: british, briton; uk, u k, great britain, britain; 英国
united states: american; united states of america, usa, u s, u s a; 美国
uruguay: uruguayan; ; 乌拉圭
uzbekistan: uzbek, uzbekistani; ; 乌兹别克斯坦
venezuela: venezuelan; ; 委内瑞拉
vietnam: vietnamese; ; 越南
wales: welsh; ; 威尔士
yemen: yemeni; ; 也门
yugoslavia: yugoslav; ; 南斯拉夫
zambia: zambian; ; 赞比亚
zimbabwe: zimbabwean; rhodesia; 津巴布韦
"""


@cache
def _countries() -> dict[str, str]:
    table: dict[str, str] = {}
    for line in _TABLE.strip().splitlines():
        country, _, others = line.partition(": ")
        for group in others.split(";"):
            table |= {form: country for form in map(str.strip, group.split(",")) if form}
    return table


def country_of(name: str) -> str:
    """Return the country that the key of a name stands for, in small letters; "" where it stands for none.

    Example:
        >>> country_of("norwegian"), country_of("挪威"), country_of("norway"), country_of("ann")
        ('norway', 'norway', '', '')
    """
    return _countries().get(name, "")
