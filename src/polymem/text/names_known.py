"""Names of the same well-known thing, in English and Chinese: cities, countries, universities, organisations.

One line for each thing: its type, then its names. A name that means several well-known things is not here (Georgia,
Jordan, Washington, Cambridge, 长安), nor is one that is a common word or a person's name.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from polymem.text.normalise import name_key

__all__ = ["known_as", "known_keys", "other_names"]

_TABLE: Final = """
place: New York City, New York, NYC, 纽约, 纽约市
place: Los Angeles, 洛杉矶
place: San Francisco, 旧金山, 三藩市
place: Chicago, 芝加哥
place: Boston, 波士顿
place: Seattle, 西雅图
place: Las Vegas, 拉斯维加斯
place: Washington, D.C., Washington DC, Washington D.C., 华盛顿特区
place: Toronto, 多伦多
place: Vancouver, 温哥华
place: Montreal, Montréal, 蒙特利尔
place: London, 伦敦
place: Edinburgh, 爱丁堡
place: Paris, 巴黎
place: Lyon, 里昂
place: Berlin, 柏林
place: Munich, München, 慕尼黑
place: Hamburg, 汉堡市
place: Frankfurt, Frankfurt am Main, 法兰克福
place: Vienna, Wien, 维也纳
place: Zurich, Zürich, 苏黎世
place: Geneva, Genève, 日内瓦
place: Rome, Roma, 罗马
place: Milan, Milano, 米兰
place: Venice, Venezia, 威尼斯
place: Florence, Firenze, 佛罗伦萨
place: Madrid, 马德里
place: Barcelona, 巴塞罗那
place: Lisbon, Lisboa, 里斯本
place: Amsterdam, 阿姆斯特丹
place: Brussels, Bruxelles, 布鲁塞尔
place: Copenhagen, København, 哥本哈根
place: Stockholm, 斯德哥尔摩
place: Oslo, 奥斯陆
place: Helsinki, 赫尔辛基
place: Prague, Praha, 布拉格
place: Budapest, 布达佩斯
place: Warsaw, Warszawa, 华沙
place: Athens, 雅典
place: Istanbul, 伊斯坦布尔
place: Moscow, 莫斯科
place: Saint Petersburg, St. Petersburg, 圣彼得堡
place: Cairo, 开罗
place: Dubai, 迪拜
place: Mumbai, Bombay, 孟买
place: New Delhi, 新德里
place: Bangkok, 曼谷
place: Singapore, 新加坡
place: Kuala Lumpur, 吉隆坡
place: Jakarta, 雅加达
place: Hanoi, 河内
place: Ho Chi Minh City, Saigon, 胡志明市, 西贡
place: Manila, 马尼拉
place: Seoul, 首尔
place: Tokyo, 东京
place: Osaka, 大阪
place: Kyoto, 京都
place: Sydney, 悉尼
place: Melbourne, 墨尔本
place: Auckland, 奥克兰市
place: Beijing, Peking, 北京, 北京市
place: Shanghai, 上海, 上海市
place: Guangzhou, Canton, 广州, 广州市
place: Shenzhen, 深圳, 深圳市
place: Hangzhou, 杭州, 杭州市
place: Nanjing, Nanking, 南京, 南京市
place: Suzhou, 苏州, 苏州市
place: Chengdu, 成都, 成都市
place: Chongqing, 重庆, 重庆市
place: Wuhan, 武汉, 武汉市
place: Xi'an, Xian, 西安, 西安市
place: Tianjin, 天津, 天津市
place: Qingdao, Tsingtao, 青岛, 青岛市
place: Dalian, 大连, 大连市
place: Xiamen, Amoy, 厦门, 厦门市
place: Changsha, 长沙, 长沙市
place: Zhengzhou, 郑州, 郑州市
place: Jinan, 济南, 济南市
place: Harbin, 哈尔滨, 哈尔滨市
place: Kunming, 昆明, 昆明市
place: Ningbo, 宁波, 宁波市
place: Wuxi, 无锡, 无锡市
place: Hefei, 合肥, 合肥市
place: Lhasa, 拉萨, 拉萨市
place: Hong Kong, 香港
place: Macau, Macao, 澳门
place: Taipei, 台北, 台北市
place: China, People's Republic of China, PRC, 中国, 中华人民共和国
place: United States, United States of America, USA, U.S.A., 美国
place: United Kingdom, UK, U.K., 英国
place: Germany, Deutschland, 德国
place: France, 法国
place: Italy, 意大利
place: Spain, 西班牙
place: Portugal, 葡萄牙
place: Netherlands, The Netherlands, 荷兰
place: Switzerland, 瑞士
place: Sweden, 瑞典
place: Norway, 挪威
place: Denmark, 丹麦
place: Finland, 芬兰
place: Russia, 俄罗斯
place: Japan, 日本
place: South Korea, 韩国
place: India, 印度
place: Thailand, 泰国
place: Vietnam, 越南
place: Malaysia, 马来西亚
place: Australia, 澳大利亚
place: New Zealand, 新西兰
place: Canada, 加拿大
place: Brazil, 巴西
place: Mexico, 墨西哥
place: Egypt, 埃及
organisation: Peking University, PKU, 北京大学, 北大
organisation: Tsinghua University, Tsinghua, 清华大学, 清华
organisation: Fudan University, 复旦大学, 复旦
organisation: Shanghai Jiao Tong University, SJTU, 上海交通大学, 上海交大
organisation: Xi'an Jiaotong University, 西安交通大学, 西安交大
organisation: Zhejiang University, ZJU, 浙江大学, 浙大
organisation: Renmin University of China, 中国人民大学, 人民大学
organisation: University of Science and Technology of China, USTC, 中国科学技术大学, 中科大
organisation: Beijing Normal University, 北京师范大学, 北师大
organisation: East China Normal University, 华东师范大学, 华东师大
organisation: Beihang University, 北京航空航天大学, 北航
organisation: Harbin Institute of Technology, 哈尔滨工业大学, 哈工大
organisation: Sun Yat-sen University, 中山大学
organisation: Chinese Academy of Sciences, 中国科学院, 中科院
organisation: Massachusetts Institute of Technology, MIT, 麻省理工学院, 麻省理工
organisation: Stanford University, Stanford, 斯坦福大学, 斯坦福
organisation: Harvard University, Harvard, 哈佛大学, 哈佛
organisation: Yale University, 耶鲁大学
organisation: Princeton University, 普林斯顿大学
organisation: University of California, Berkeley, UC Berkeley, 加州大学伯克利分校
organisation: University of California, Los Angeles, UCLA, 加州大学洛杉矶分校
organisation: University of Oxford, Oxford University, 牛津大学
organisation: University of Cambridge, Cambridge University, 剑桥大学
organisation: ETH Zurich, ETH Zürich, 苏黎世联邦理工学院
organisation: National University of Singapore, 新加坡国立大学
organisation: University of Tokyo, Tokyo University, 东京大学
organisation: World Health Organization, World Health Organisation, 世界卫生组织, 世卫组织
organisation: United Nations, 联合国
organisation: European Union, 欧洲联盟, 欧盟
organisation: World Trade Organization, World Trade Organisation, WTO, 世界贸易组织, 世贸组织
organisation: International Monetary Fund, IMF, 国际货币基金组织
organisation: North Atlantic Treaty Organization, NATO, 北大西洋公约组织, 北约
organisation: National Aeronautics and Space Administration, NASA, 美国国家航空航天局
organisation: Google, 谷歌
organisation: Microsoft, 微软
organisation: International Business Machines, IBM
organisation: Tencent, 腾讯
organisation: Alibaba, Alibaba Group, 阿里巴巴, 阿里巴巴集团
organisation: ByteDance, 字节跳动
organisation: Baidu, 百度公司
organisation: Huawei, 华为
organisation: Xiaomi, 小米公司
organisation: Industrial and Commercial Bank of China, ICBC, 中国工商银行, 工商银行, 工行
organisation: China Construction Bank, 中国建设银行, 建设银行, 建行
organisation: Bank of China, 中国银行
organisation: Agricultural Bank of China, 中国农业银行, 农业银行, 农行
organisation: China Merchants Bank, 招商银行, 招行
organisation: China Mobile, 中国移动
organisation: Volkswagen, 大众汽车
organisation: BMW, Bayerische Motoren Werke, 宝马公司
organisation: Mercedes-Benz, 梅赛德斯-奔驰
organisation: Facebook, 脸书
organisation: New York Times, The New York Times, 纽约时报
"""
_WITH_COMMAS: Final = (
    ("Washington, D.C.", "Washington\x00 D.C."),
    ("California, Berkeley", "California\x00 Berkeley"),
    ("California, Los Angeles", "California\x00 Los Angeles"),
)


@cache
def _things() -> dict[str, tuple[int, str]]:
    """Return number and type of the thing that each name key means."""
    table = _TABLE
    for name, held in _WITH_COMMAS:
        table = table.replace(name, held)
    found: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(table.strip().splitlines()):
        kind, _, names = line.partition(": ")
        for name in names.split(", "):
            found[name_key(name.replace("\x00", ","))] = (number, kind)
    return found


def known_as(key: str) -> tuple[int, str] | None:
    """Return which well-known thing a name key means, as a number and its type; None for any other name.

    Example:
        >>> known_as("北大") == known_as("peking university"), known_as("北大荒")
        (True, None)
    """
    return _things().get(key)


@cache
def _by_number() -> dict[int, tuple[str, ...]]:
    """Return the name keys of each thing."""
    found: dict[int, list[str]] = {}
    for key, (number, _) in _things().items():
        found.setdefault(number, []).append(key)
    return {number: tuple(keys) for number, keys in found.items()}


def other_names(key: str) -> tuple[str, ...]:
    """Return the other name keys of the well-known thing that *key* means; nothing for any other name.

    Example:
        >>> other_names("peking university"), other_names("北大荒")
        (('pku', '北京大学', '北大'), ())
    """
    known = known_as(key)
    return () if known is None else tuple(name for name in _by_number()[known[0]] if name != key)


def known_keys() -> tuple[str, ...]:
    """Return the name keys of all well-known things."""
    return tuple(_things())
