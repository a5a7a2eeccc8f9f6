"""What an add costs with a model: one call, few tokens, and users do not wait for one another."""

import asyncio

import pytest

from benchmarks.extraction import GOAL_TOKENS, cost_of, together

ENGLISH = """Hi! How was your weekend? I finally moved into the flat in Utrecht, right behind the central station.
Congratulations! Did your sister help you carry all those boxes of books up to the third floor?
Mia? No, she lives in Oslo now and works as a nurse, so a colleague came with his van instead.
That was kind of him. I spent Saturday in the garden and planted two apple trees and a row of beans.
I love apples! My grandmother had an orchard near Ghent, and every autumn we made juice for the whole street.
We should do that together in a few years. By the way, I am allergic to nuts, so no almond cake this time, please.
Noted. I will bake the plain one with lemon, the one which you liked at my birthday on the third of May.
Perfect. I start my new job at the city library on Monday and I am a little nervous about the first day.
You will be fine. I have worked at the museum for six years now and still forget where the keys are kept.
Ha, thanks. Let us meet on Thursday after work, then I can tell you everything about it."""
CHINESE = """周末过得怎么样？我终于搬进苏州的新房子了，就在火车站后面，走路五分钟就到。
恭喜恭喜！你妹妹来帮你搬那么多箱书上三楼了吗？我记得她力气很大。
小美吗？没有，她现在住在深圳，在医院当护士，所以是同事开面包车来帮我的。
他人真好。我星期六在院子里种了两棵苹果树，还有一排豆角，累得腰酸背痛。
我最喜欢吃苹果了！我奶奶以前在烟台有个果园，每年秋天我们都给整条街榨果汁。
过几年我们也一起弄吧。对了，我对坚果过敏，这次千万别做杏仁蛋糕。
记住了，我做原味柠檬的，就是五月三号我生日那天你说好吃的那种。
太好了。我星期一开始在市图书馆上班，第一天有点紧张，怕说错话。
你没问题的。我在博物馆工作六年了，到现在还老忘记钥匙放在哪里。
哈哈，谢谢。星期四下班后见个面吧，到时候我把新工作的事都讲给你听。"""


@pytest.mark.parametrize("talk", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_ten_messages_cost_one_call_within_the_budget(talk):
    names = ("Ann", "Bo") if talk.isascii() else ("安娜", "小王")
    messages = [
        {"role": "user", "name": names[n % 2], "content": line, "timestamp": "2024-06-14"}
        for n, line in enumerate(talk.splitlines())
    ]
    assert len(messages) == 10
    cost = asyncio.run(cost_of([("u", messages)], per_add=10))
    assert cost.calls == [1]
    assert 1_000 < cost.tokens[0] <= GOAL_TOKENS
    assert cost.n_facts >= 2, "the scripted answers were understood"
    assert cost.n_pending == 0


def test_users_do_not_wait_for_one_another():
    alone, one = asyncio.run(together(1, n_adds=2))
    many, several = asyncio.run(together(4, n_adds=2))
    assert one == 1
    assert several >= 3
    assert many > 1.5 * alone
