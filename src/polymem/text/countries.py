"""Countries: their names in English and Chinese, and what and who is of them, so that "South Korean" leads to South Korea.

One line for each, after the list of ISO 3166: its names in English; what is said of its people and things; its names in
Chinese, the one first from which its people are called (法国人). A plural in -s need not be written. What means a language,
a thing or another place as often (Jersey, Polish for shoes, Georgia) is here all the same: it only brings passages that
must fit the question besides.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from polymem.text.names_known import known_keys, other_names
from polymem.text.spans import entity_key

__all__ = ["forms_of_country", "same_as"]

_TABLE: Final = """
Afghanistan; Afghan; 阿富汗
Albania; Albanian; 阿尔巴尼亚
Algeria; Algerian; 阿尔及利亚
American Samoa; American Samoan; 美属萨摩亚
Andorra; Andorran; 安道尔
Angola; Angolan; 安哥拉
Anguilla; Anguillan; 安圭拉
Antarctica; Antarctic; 南极洲
Antigua and Barbuda; Antiguan, Barbudan; 安提瓜和巴布达
Argentina; Argentine, Argentinian, Argentinean; 阿根廷
Armenia; Armenian; 亚美尼亚
Aruba; Aruban; 阿鲁巴
Australia; Australian, Aussie; 澳大利亚, 澳洲
Austria; Austrian; 奥地利
Azerbaijan; Azerbaijani, Azeri; 阿塞拜疆
Bahamas; Bahamian; 巴哈马
Bahrain; Bahraini; 巴林
Bangladesh; Bangladeshi; 孟加拉国, 孟加拉
Barbados; Barbadian, Bajan; 巴巴多斯
Belarus, Byelorussia; Belarusian, Belarussian; 白俄罗斯
Belgium; Belgian; 比利时
Belize; Belizean; 伯利兹
Benin; Beninese; 贝宁
Bermuda; Bermudian, Bermudan; 百慕大
Bhutan; Bhutanese; 不丹
Bolivia; Bolivian; 玻利维亚
Bosnia and Herzegovina, Bosnia; Bosnian, Herzegovinian; 波斯尼亚和黑塞哥维那, 波黑
Botswana; Botswanan, Motswana, Batswana; 博茨瓦纳
Brazil; Brazilian; 巴西
British Virgin Islands; British Virgin Islander; 英属维尔京群岛
Brunei; Bruneian; 文莱
Bulgaria; Bulgarian; 保加利亚
Burkina Faso; Burkinabe, Burkinese; 布基纳法索
Burundi; Burundian; 布隆迪
Cambodia, Kampuchea; Cambodian; 柬埔寨
Cameroon; Cameroonian; 喀麦隆
Canada; Canadian; 加拿大
Cape Verde, Cabo Verde; Cape Verdean, Cabo Verdean; 佛得角
Cayman Islands; Caymanian; 开曼群岛
Central African Republic; Central African; 中非共和国, 中非
Chad; Chadian; 乍得
Chile; Chilean; 智利
China, People's Republic of China, PRC; Chinese; 中国, 中华人民共和国
Christmas Island; Christmas Islander; 圣诞岛
Cocos Islands; Cocos Islander; 科科斯群岛
Colombia; Colombian; 哥伦比亚
Comoros; Comorian, Comoran; 科摩罗
Cook Islands; Cook Islander; 库克群岛
Costa Rica; Costa Rican; 哥斯达黎加
Croatia; Croatian, Croat; 克罗地亚
Cuba; Cuban; 古巴
Curaçao; Curaçaoan; 库拉索
Cyprus; Cypriot; 塞浦路斯
Czech Republic, Czechia; Czech; 捷克, 捷克共和国
Czechoslovakia; Czechoslovak, Czechoslovakian; 捷克斯洛伐克
Democratic Republic of the Congo, DR Congo, DRC, Zaire; Congolese, Zairian, Zairean; 刚果民主共和国, 刚果（金）
Denmark; Danish, Dane; 丹麦
Djibouti; Djiboutian; 吉布提
Dominica; ; 多米尼克
Dominican Republic; Dominican; 多米尼加, 多米尼加共和国
East Germany, German Democratic Republic, GDR; East German; 东德, 民主德国
East Timor, Timor-Leste; East Timorese, Timorese; 东帝汶
Ecuador; Ecuadorian, Ecuadorean; 厄瓜多尔
Egypt; Egyptian; 埃及
El Salvador; Salvadoran, Salvadorean, Salvadorian; 萨尔瓦多
England; English, Englishman, Englishwoman; 英格兰
Equatorial Guinea; Equatorial Guinean, Equatoguinean; 赤道几内亚
Eritrea; Eritrean; 厄立特里亚
Estonia; Estonian; 爱沙尼亚
Eswatini, Swaziland; Swazi; 斯威士兰
Ethiopia, Abyssinia; Ethiopian, Abyssinian; 埃塞俄比亚
Falkland Islands, Falklands; Falkland Islander; 福克兰群岛, 马尔维纳斯群岛
Faroe Islands, Faroes; Faroese; 法罗群岛
Federated States of Micronesia, Micronesia; Micronesian; 密克罗尼西亚
Fiji; Fijian; 斐济
Finland; Finnish, Finn; 芬兰
France; French, Frenchman, Frenchwoman; 法国, 法兰西
French Guiana; French Guianese; 法属圭亚那
French Polynesia; French Polynesian; 法属波利尼西亚
Gabon; Gabonese; 加蓬
Gambia; Gambian; 冈比亚
Georgia; Georgian; 格鲁吉亚
Germany, Federal Republic of Germany; German; 德国, 德意志
Ghana; Ghanaian; 加纳
Gibraltar; Gibraltarian; 直布罗陀
Greece; Greek, Hellenic; 希腊
Greenland; Greenlandic, Greenlander; 格陵兰
Grenada; Grenadian; 格林纳达
Guadeloupe; Guadeloupean; 瓜德罗普
Guam; Guamanian; 关岛
Guatemala; Guatemalan; 危地马拉
Guernsey; Guernseyman; 根西岛
Guinea; Guinean; 几内亚
Guinea-Bissau; Bissau-Guinean; 几内亚比绍
Guyana; Guyanese; 圭亚那
Haiti; Haitian; 海地
Honduras; Honduran; 洪都拉斯
Hong Kong; Hong Konger, Hongkonger; 香港
Hungary; Hungarian; 匈牙利
Iceland; Icelandic, Icelander; 冰岛
India; Indian; 印度
Indonesia; Indonesian; 印度尼西亚, 印尼
Iran, Persia; Iranian, Persian; 伊朗, 波斯
Iraq; Iraqi; 伊拉克
Ireland, Republic of Ireland; Irish, Irishman, Irishwoman; 爱尔兰
Isle of Man; Manx; 马恩岛
Israel; Israeli; 以色列
Italy; Italian; 意大利
Ivory Coast, Côte d'Ivoire; Ivorian; 科特迪瓦, 象牙海岸
Jamaica; Jamaican; 牙买加
Japan; Japanese; 日本
Jersey; ; 泽西岛
Jordan; Jordanian; 约旦
Kazakhstan; Kazakh, Kazakhstani; 哈萨克斯坦
Kenya; Kenyan; 肯尼亚
Kiribati; I-Kiribati; 基里巴斯
Kosovo; Kosovar, Kosovan; 科索沃
Kuwait; Kuwaiti; 科威特
Kyrgyzstan; Kyrgyz, Kyrgyzstani; 吉尔吉斯斯坦
Laos; Lao, Laotian; 老挝
Latvia; Latvian; 拉脱维亚
Lebanon; Lebanese; 黎巴嫩
Lesotho, Basutoland; Basotho, Mosotho; 莱索托
Liberia; Liberian; 利比里亚
Libya; Libyan; 利比亚
Liechtenstein; Liechtensteiner; 列支敦士登
Lithuania; Lithuanian; 立陶宛
Luxembourg; Luxembourgish, Luxembourger; 卢森堡
Macau, Macao; Macanese; 澳门
Madagascar; Malagasy, Madagascan; 马达加斯加
Malawi; Malawian; 马拉维
Malaysia; Malaysian; 马来西亚
Maldives; Maldivian; 马尔代夫
Mali; Malian; 马里
Malta; Maltese; 马耳他
Marshall Islands; Marshallese; 马绍尔群岛
Martinique; Martinican; 马提尼克
Mauritania; Mauritanian; 毛里塔尼亚
Mauritius; Mauritian; 毛里求斯
Mayotte; Mahoran; 马约特
Mexico; Mexican; 墨西哥
Moldova; Moldovan; 摩尔多瓦
Monaco; Monégasque, Monacan; 摩纳哥
Mongolia; Mongolian; 蒙古, 蒙古国
Montenegro; Montenegrin; 黑山
Montserrat; Montserratian; 蒙特塞拉特
Morocco; Moroccan; 摩洛哥
Mozambique; Mozambican; 莫桑比克
Myanmar, Burma; Burmese; 缅甸
Namibia; Namibian; 纳米比亚
Nauru; Nauruan; 瑙鲁
Nepal; Nepali, Nepalese; 尼泊尔
Netherlands, Holland; Dutch, Dutchman, Dutchwoman, Netherlander; 荷兰
New Caledonia; New Caledonian; 新喀里多尼亚
New Zealand; New Zealander, Kiwi; 新西兰
Nicaragua; Nicaraguan; 尼加拉瓜
Niger; Nigerien; 尼日尔
Nigeria; Nigerian; 尼日利亚
Niue; Niuean; 纽埃
Norfolk Island; Norfolk Islander; 诺福克岛
North Korea, Democratic People's Republic of Korea, DPRK; North Korean; 朝鲜, 北朝鲜
North Macedonia, Macedonia; Macedonian, North Macedonian; 北马其顿, 马其顿
Northern Ireland; Northern Irish; 北爱尔兰
Northern Mariana Islands; Northern Mariana Islander; 北马里亚纳群岛
Norway; Norwegian; 挪威
Oman; Omani; 阿曼
Pakistan; Pakistani; 巴基斯坦
Palau; Palauan; 帕劳
Palestine; Palestinian; 巴勒斯坦
Panama; Panamanian; 巴拿马
Papua New Guinea; Papua New Guinean; 巴布亚新几内亚
Paraguay; Paraguayan; 巴拉圭
Peru; Peruvian; 秘鲁
Philippines; Filipino, Filipina, Philippine; 菲律宾
Pitcairn Islands; Pitcairn Islander; 皮特凯恩群岛
Poland; Polish, Pole; 波兰
Portugal; Portuguese; 葡萄牙
Prussia; Prussian; 普鲁士
Puerto Rico; Puerto Rican; 波多黎各
Qatar; Qatari; 卡塔尔
Republic of the Congo, Congo-Brazzaville; Congolese; 刚果共和国, 刚果（布）
Réunion; Réunionese; 留尼汪
Romania; Romanian; 罗马尼亚
Russia, Russian Federation; Russian; 俄罗斯, 俄国
Rwanda; Rwandan; 卢旺达
Saint Barthélemy; Barthélemois; 圣巴泰勒米
Saint Helena; Saint Helenian; 圣赫勒拿
Saint Kitts and Nevis; Kittitian, Nevisian; 圣基茨和尼维斯
Saint Lucia; Saint Lucian; 圣卢西亚
Saint Martin, Sint Maarten; Saint-Martinois; 圣马丁
Saint Pierre and Miquelon; Saint-Pierrais; 圣皮埃尔和密克隆
Saint Vincent and the Grenadines; Vincentian; 圣文森特和格林纳丁斯
Samoa, Western Samoa; Samoan; 萨摩亚
San Marino; Sammarinese; 圣马力诺
Saudi Arabia; Saudi, Saudi Arabian; 沙特阿拉伯, 沙特
Scotland; Scottish, Scot, Scotsman, Scotswoman; 苏格兰
Senegal; Senegalese; 塞内加尔
Serbia; Serbian, Serb; 塞尔维亚
Seychelles; Seychellois; 塞舌尔
Sierra Leone; Sierra Leonean; 塞拉利昂
Singapore; Singaporean; 新加坡
Slovakia; Slovak, Slovakian; 斯洛伐克
Slovenia; Slovenian, Slovene; 斯洛文尼亚
Solomon Islands; Solomon Islander; 所罗门群岛
Somalia; Somali, Somalian; 索马里
South Africa; South African; 南非
South Korea, Republic of Korea; South Korean; 韩国, 大韩民国
South Sudan; South Sudanese; 南苏丹
Soviet Union, USSR, Union of Soviet Socialist Republics; Soviet; 苏联
Spain; Spanish, Spaniard; 西班牙
Sri Lanka, Ceylon; Sri Lankan, Ceylonese; 斯里兰卡, 锡兰
Sudan; Sudanese; 苏丹
Suriname, Surinam; Surinamese; 苏里南
Sweden; Swedish, Swede; 瑞典
Switzerland; Swiss; 瑞士
Syria; Syrian; 叙利亚
São Tomé and Príncipe; São Toméan, Santomean; 圣多美和普林西比
Taiwan; Taiwanese; 台湾
Tajikistan; Tajik, Tajikistani; 塔吉克斯坦
Tanzania; Tanzanian; 坦桑尼亚
Thailand, Siam; Thai, Siamese; 泰国, 暹罗
Tibet; Tibetan; 西藏
Togo; Togolese; 多哥
Tokelau; Tokelauan; 托克劳
Tonga; Tongan; 汤加
Trinidad and Tobago; Trinidadian, Tobagonian; 特立尼达和多巴哥
Tunisia; Tunisian; 突尼斯
Turkey, Türkiye; Turkish, Turk; 土耳其
Turkmenistan; Turkmen; 土库曼斯坦
Turks and Caicos Islands; Turks and Caicos Islander; 特克斯和凯科斯群岛
Tuvalu; Tuvaluan; 图瓦卢
Uganda; Ugandan; 乌干达
Ukraine; Ukrainian; 乌克兰
United Arab Emirates, UAE; Emirati; 阿拉伯联合酋长国, 阿联酋
United Kingdom, UK, U.K., Great Britain, Britain; British, Briton; 英国, 联合王国, 大不列颠
United States, United States of America, USA, US, U.S., U.S.A.; American; 美国, 美利坚合众国
United States Virgin Islands, US Virgin Islands; US Virgin Islander; 美属维尔京群岛
Uruguay; Uruguayan; 乌拉圭
Uzbekistan; Uzbek, Uzbekistani; 乌兹别克斯坦
Vanuatu, New Hebrides; Vanuatuan, Ni-Vanuatu; 瓦努阿图
Vatican City, Holy See; ; 梵蒂冈
Venezuela; Venezuelan; 委内瑞拉
Vietnam, Viet Nam; Vietnamese; 越南
Wales; Welsh, Welshman, Welshwoman; 威尔士
Wallis and Futuna; Wallisian, Futunan; 瓦利斯和富图纳
West Germany; West German; 西德, 联邦德国
Western Sahara; Sahrawi; 西撒哈拉
Yemen; Yemeni; 也门
Yugoslavia; Yugoslav, Yugoslavian; 南斯拉夫
Zambia, Northern Rhodesia; Zambian; 赞比亚
Zimbabwe, Rhodesia; Zimbabwean, Rhodesian; 津巴布韦
Åland Islands, Åland; Ålander; 奥兰群岛
Africa; African; 非洲
Asia; Asian; 亚洲
Europe; European; 欧洲
"""

_OWN_PLURAL: Final = ("ese", "ish", "ch", "man", "swiss", "s")
"""What is not said of several with a further -s."""


@cache
def _countries() -> tuple[dict[str, tuple[int, ...]], list[tuple[str, ...]]]:
    """Return the lines in which each key stands, and the keys of each line."""
    lines = [_keys(line) for line in _TABLE.strip().splitlines()]
    found: dict[str, tuple[int, ...]] = {}
    for number, keys in enumerate(lines):
        for key in keys:
            found[key] = (*found.get(key, ()), number)
    return found, lines


def _keys(line: str) -> tuple[str, ...]:
    names, people, han = (part.strip().split(", ") for part in line.split(";"))
    several = [each + "s" for each in people if each and not each.casefold().endswith(_OWN_PLURAL)]
    several += [each[:-2] + "en" for each in people if each.endswith("man")]
    every = (*names, *people, *several, *han, *(each + "人" for each in han[:1]))
    return tuple(dict.fromkeys(entity_key(each) for each in every if each))


def forms_of_country(key: str) -> tuple[str, ...]:
    """Return the other keys of the country of which *key* is a name or says who and what is of it, names first.

    Args:
        key: An entity key, see :func:`polymem.text.spans.entity_key`.

    Example:
        >>> forms_of_country("south korean")
        ('south korea', 'republic of korea', 'south koreans', '韩国', '大韩民国', '韩国人')
        >>> forms_of_country("法国人")[0], forms_of_country("springfield")
        ('france', ())
    """
    found, lines = _countries()
    return tuple(dict.fromkeys(form for n in found.get(key, ()) for form in lines[n] if form != key))


def same_as(key: str) -> tuple[str, ...]:
    """Return other keys that mean the same in a passage: of a country, a well-known city or organisation, in both languages.

    Args:
        key: An entity key.

    Example:
        >>> same_as("norwegian")[:2], same_as("munich")
        (('norway', 'norwegians'), ('munchen', '慕尼黑'))
    """
    return _same().get(key, ())


@cache
def _same() -> dict[str, tuple[str, ...]]:
    """Return what :func:`same_as` says of every key of which it says anything."""
    found: dict[str, tuple[str, ...]] = {}
    for key in known_keys():
        forms = (entity_key(name) for name in other_names(key))
        found[entity_key(key)] = tuple(dict.fromkeys(form for form in forms if form != entity_key(key)))
    return found | {key: forms_of_country(key) for key in _countries()[0]}
