"""Names in running Chinese text: what is found, what is not taken for one, and that no text takes long."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem.text.keys_derived import derived_names
from polymem.text.keys_passage import MENTIONS, passage_keys
from polymem.text.names_zh import MAX_CHARS, chinese_names
from polymem.text.spans import find_spans

SENTENCES = (
    ("王小明表示，新方案下周公布。", "王小明"),
    ("据李国强介绍，码头已经修好。", "李国强"),
    ("这部电影由张艺谋执导。", "张艺谋"),
    ("《雾港》的作者是沈知微。", "沈知微"),
    ("导演陆远舟毕业于北京电影学院。", "陆远舟 北京电影学院 北京"),
    ("欧阳晓岚教授在会上发言。", "欧阳晓岚"),
    ("诸葛清女士创办了云帆集团。", "诸葛清 云帆集团"),
    ("记者 周敏 报道", "周敏"),
    ("赵文博、钱立群和孙燕都来了。", "赵文博 钱立群"),
    ("陈思远（1931年—2004年），画家。", "陈思远"),
    ("林晓雯生于绍兴。", "林晓雯 绍兴"),
    ("她的丈夫何立民是医生。", "何立民"),
    ("阿里巴巴集团宣布扩大投资。", "阿里巴巴集团"),
    ("他毕业于清华大学。", "清华大学"),
    ("深圳市南山区的一家工厂", "深圳 深圳市 南山区"),
    ("国家发改委发布了通知。", "国家发改委"),
    ("她在复旦大学附属华山医院工作。", "复旦大学 复旦大学附属华山医院"),
    ("约翰·肯尼迪访问了柏林。", "约翰·肯尼迪 柏林"),
    ("列奥纳多·达·芬奇画过这座桥。", "列奥纳多·达·芬奇"),
    ("总统特朗普说他不知道。", "特朗普"),
    ("他加入了蓝帆俱乐部。", "蓝帆俱乐部"),
    ("这家公司总部在杭州。", "杭州"),
    ("位于广东省佛山市顺德区", "广东 广东省 佛山 佛山市 顺德区"),
    ("中国科学院院士叶怀瑾", "中国 中国科学院 叶怀瑾"),
    ("海澜造船厂建于1931年。", "海澜造船厂"),
    ("白鹭河畔的青石镇", "青石镇"),
    ("他在浙江大学任教。", "浙江 浙江大学"),
    ("最高人民法院作出判决。", "最高人民法院"),
    ("iPhone 15支持5G。", "iphone_15 5g"),
    ("她是长河出版社的编辑。", "长河出版社"),
    ("小说《平原》由苏晚晴创作。", "苏晚晴"),
    ("马文涛先生是云栖书店的店主。", "马文涛 云栖书店"),
    ("由郑小慧设计的听涛灯塔", "郑小慧 听涛灯塔"),
    ("登上阿德山，可以看到湖。", "阿德山"),
    ("北京大兴国际机场启用。", "北京 北京大兴国际机场"),
    ("住在云溪县的人", "云溪县"),
    ("她师从梁志远。", "梁志远"),
    ("梁志远的学生很多。", "梁志远"),
    ("苹果公司发布新品。", "苹果公司"),
    ("王小明，1960年生，中国作家。", "王小明 中国"),
    ("谢婉莹自幼学琴。", "谢婉莹"),
    ("歌手韩雨桐演唱了这首歌。", "韩雨桐"),
    ("乘火车到达成都。", "成都"),
    ("美国国家航空航天局", "美国 美国国家航空航天局"),
    ("星河影业公司成立于上海。", "星河影业公司 上海"),
    ("董事长吴建平辞职。", "吴建平"),
    ("吴建平董事长辞职。", "吴建平"),
    ("冯志刚和许若兰结婚了。", "冯志刚 许若兰"),
    ("创始人顧長風離開了公司。", "顾长风"),
    ("教练宋嘉树率领江陵队夺冠。", "宋嘉树"),
    ("市长吕方远在开幕式上说", "吕方远"),
    ("招商银行的客户经理唐棠女士", "招商银行"),
    ("安德烈·科瓦廖夫生于喀山。", "安德烈·科瓦廖夫"),
    ("湖南省博物馆展出了帛画。", "湖南 湖南省 湖南省博物馆"),
)
"""Sentences with the names in them, so far as they are names by their form."""

NO_NAMES = (
    "方面表示，情况正在好转。",
    "高兴的是，大家都到了。",
    "金融、石油、黄金都在上涨。",
    "这家上市公司的子公司很多。",
    "大学生在图书馆里看书。",
    "超市和股市今天都开门。",
    "他在学校上学，她在医院看病。",
    "各地法院和本地酒店都接到通知。",
    "小区、社区和园区都要登记。",
    "何时开始，从何处来，于是大家都走了。",
    "明天上午开会，请准时参加。",
    "万元户已经不稀奇了。",
    "那所大学的排名在哪里可以查到？",
    "我国城市的空气一年比一年好。",
    "马上就要下雨，把窗关上。",
    "严重的时候，要去看医生。",
    "关于这个项目，单位还没有决定。",
    "钱包丢了，去银行挂失。",
    "一位工程师说，水平还不够高。",
    "常见的方法有三种，任何一种都行。",
    "江山如画，石头无言。",
    "他喜欢爬山，也喜欢在河里游泳。",
    "火车站和汽车站离得很远。",
    "因为停电，工厂放假两天。",
    "第一次约会，两个人都很紧张。",
)


def names_of(said):
    return {name.replace("_", " ") for name in said.split()}


def test_names_are_found_and_nothing_else():
    """Precision at least 96 and recall at least 95 of a hundred names."""
    found = wanted = both = 0
    for text, said in SENTENCES:
        here, names = set(chinese_names(text)), names_of(said)
        found, wanted, both = found + len(here), wanted + len(names), both + len(here & names)
    assert wanted >= 80
    assert both / found >= 0.96
    assert both / wanted >= 0.95


@pytest.mark.parametrize(("text", "said"), SENTENCES[:20])
def test_names_of_a_sentence(text, said):
    assert names_of(said) <= set(chinese_names(text))


@pytest.mark.parametrize("text", NO_NAMES)
def test_what_looks_like_a_name_is_none(text):
    assert chinese_names(text) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("導演張藝謀執導了這部電影。", "导演张艺谋执导了这部电影。"),
        ("他畢業於清華大學。", "他毕业于清华大学。"),
        ("約翰・甘迺迪訪問了柏林。", "约翰·甘迺迪访问了柏林。"),
    ],
)
def test_both_scripts_give_the_same_keys(one, other):
    assert set(find_spans(one)) == set(find_spans(other)) != set()


def test_names_in_latin_letters_inside_chinese():
    assert {"iphone 15 pro", "openai", "gpt 4", "5g"} <= set(
        find_spans("新款iPhone 15 Pro支持5G，OpenAI的GPT-4也来了。")
    )
    assert chinese_names("重3.5G，约100GB，5Gbps。") == []


def test_a_passage_has_its_names_as_keys():
    keys = passage_keys("导演陆远舟毕业于北京电影学院。", "")
    assert {f"{MENTIONS}陆远舟", f"{MENTIONS}北京电影学院"} <= set(keys)
    assert f"{MENTIONS}约翰 肯尼迪" in passage_keys("约翰·肯尼迪访问了柏林。", "")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("陆远舟，1969年生于白沙镇。", ("陆远舟",)),
        ("郑小慧毕业于平湖工业大学。", ("郑小慧",)),
        ("江陵电影学院建校于1952年。", ("江陵电影学院",)),
        ("张文远表示，影片已经完成。", ()),
        ("高中毕业生人数增加。", ()),
        ("今天上午毕业典礼举行。", ()),
    ],
)
def test_an_untitled_text_is_about_whom_it_begins_with(text, names):
    assert derived_names(text, "") == names


@pytest.mark.parametrize("text", ["", "She met Ann.", "12345", "。。。", "かな カナ", "\ud800的"])
def test_nothing_is_found_where_nothing_is(text):
    assert chinese_names(text) == []


def test_names_behind_the_beginning_are_passed_over():
    assert chinese_names("好" * MAX_CHARS + "。导演陆远舟执导。") == []


@pytest.mark.parametrize(
    "piece",
    [
        "王李张刘陈杨黄赵",
        "约翰·",
        "·",
        "的大学公司",
        "大学",
        "省市县区",
        "中国",
        "、王小明",
        "欧阳",
        "国家发",
        "斯",
        "在北京",
        "《",
        "a市",
    ],
)
def test_time_grows_with_the_length_alone(piece):
    """A megabyte of one thing: keys of a passage are made of its beginning, and within it of every place but once."""
    chinese_names("王小明")
    text = piece * (1_000_000 // len(piece))
    begun = time.process_time()
    chinese_names(text)
    passage_keys(text, "")
    assert time.process_time() - begun < 1.0


@given(st.text(st.sampled_from("王小明张艺谋的大学公司省市区在于·（），。、说北京约翰斯克1 A"), max_size=80))
def test_names_stand_in_the_text_and_are_the_same_again(text):
    found = chinese_names(text)
    assert len(set(found)) == len(found)
    assert all(len(name) > 1 and name in text.lower() for name in found)
    assert chinese_names(text) == found
