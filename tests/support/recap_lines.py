"""Lines of clean recaps, written as a trader or a model might by the rules that a writer is given.

A line is used when its period bears it out: `when` names ids whose value must be above (+), below
(-) or at (0) zero, or only be defined (?). SYMBOL, DAY and the like stand for each such thing.
"""

from __future__ import annotations

from collections.abc import Mapping

Line = tuple[str, str]

_DAILY: tuple[Line, ...] = (
    ("net+", "The account closed the session up {{fact:net}}."),
    ("net+", "Green at the close: {{fact:net}} after fees."),
    ("net+", "I finished ahead, {{fact:net}} to be precise, and I will take it."),
    ("net+", "A profitable session, with {{fact:net}} on the bottom line."),
    ("net+", "The day made {{fact:net}}, and most of the work was waiting."),
    ("net+", "What remained was a gain of {{fact:net}}."),
    ("net-", "The account closed the session down {{fact:net}}."),
    ("net-", "Red at the close: {{fact:net}} after fees."),
    ("net-", "I finished behind, {{fact:net}}, and I know why."),
    ("net-", "A losing session, with {{fact:net}} on the bottom line."),
    ("net-", "The loss of the day came to {{fact:net}}."),
    ("net-", "It was a day that cost {{fact:net}}, and the page should not hide it."),
    ("net?", "Net of fees, the session came to {{fact:net}}."),
    ("net?", "The bottom line is {{fact:net}}."),
    ("net?", "When the bell rang, the ledger read {{fact:net}}."),
    ("gross?", "Before fees the trades came to {{fact:gross}}."),
    ("gross?", "The gross figure was {{fact:gross}}."),
    ("gross?", "Gross, the day stood at {{fact:gross}}; net, it stood at {{fact:net}}."),
    ("fees?", "Fees took {{fact:fees}}."),
    ("fees?", "Commissions came to {{fact:fees}}, as they do."),
    ("fees?", "The broker kept {{fact:fees}} in fees."),
    ("fees?", "Another {{fact:fees}} went to commissions."),
    ("fees?", "The cost of doing business was {{fact:fees}}."),
    ("trades?", "I took {{fact:trades}}."),
    ("trades?", "In all I closed {{fact:trades}}, each of them planned."),
    ("trades?", "The session held {{fact:trades}}."),
    ("trades?", "Through the day, {{fact:trades}} went through the book."),
    ("wins+", "I booked {{fact:wins}} along the way."),
    ("wins+ losses+", "The tally was {{fact:wins}} and {{fact:losses}}."),
    ("wins+ losses+", "Against {{fact:losses}} stood {{fact:wins}}."),
    ("losses+", "There were {{fact:losses}}, and I own each of them."),
    ("losses+", "I had to take {{fact:losses}}."),
    ("win_rate?", "My win rate was {{fact:win_rate}}."),
    ("win_rate?", "The hit rate came to {{fact:win_rate}}, which is neither here nor there."),
    ("profit_factor?", "The profit factor was {{fact:profit_factor}}."),
    ("profit_factor?", "That makes a profit factor of {{fact:profit_factor}}."),
    ("payoff?", "The payoff ratio stood at {{fact:payoff}}."),
    ("expectancy?", "Expectancy came out at {{fact:expectancy}} per trade."),
    ("expectancy?", "An average trade was worth {{fact:expectancy}}."),
    ("average_win?", "My average win was {{fact:average_win}}."),
    ("average_loss?", "My average loss was {{fact:average_loss}}."),
    ("average_hold?", "I held a position for about {{fact:average_hold}} on average."),
    ("mean_r?", "In terms of risk, an average trade came to {{fact:mean_r}}."),
    ("max_drawdown-", "The drawdown reached {{fact:max_drawdown}} before it turned."),
    ("max_drawdown-", "From peak to trough I gave back {{fact:max_drawdown}}."),
    ("largest_win+", "The best trade was {{fact:largest_win.symbol}} for {{fact:largest_win}}."),
    (
        "largest_win+",
        (
            "{{fact:largest_win.symbol}} paid {{fact:largest_win}}, closed at "
            "{{fact:largest_win.time}}."
        ),
    ),
    (
        "largest_win+",
        ("My largest win, {{fact:largest_win}}, came from {{fact:largest_win.symbol}}."),
    ),
    ("largest_loss-", "The worst trade was {{fact:largest_loss.symbol}} at {{fact:largest_loss}}."),
    (
        "largest_loss-",
        (
            "{{fact:largest_loss.symbol}} took {{fact:largest_loss}}, and I let it "
            "go at {{fact:largest_loss.time}}."
        ),
    ),
    (
        "largest_loss-",
        (
            "The largest loss was {{fact:largest_loss}}, a "
            "{{fact:largest_loss.direction}} in {{fact:largest_loss.symbol}}."
        ),
    ),
    ("shares?", "I moved {{fact:shares}} in and out."),
    ("shares?", "Volume for the session was {{fact:shares}}."),
    ("first_fill?", "The first fill came at {{fact:first_fill}}."),
    ("first_fill?", "I began at {{fact:first_fill}} and was done by {{fact:last_fill}}."),
    ("last_fill?", "The last fill was at {{fact:last_fill}} New York time."),
    ("open_positions+", "I carry {{fact:open_positions}} into tomorrow."),
    ("open_positions0", "The book is clean: {{fact:open_positions}}."),
    ("symbol?", "{{fact:SYMBOL}} came to {{fact:SYMBOL.net}} over {{fact:SYMBOL.trades}}."),
    ("symbol?", "In {{fact:SYMBOL}} I closed {{fact:SYMBOL.trades}} for {{fact:SYMBOL.net}}."),
)
_WEEK = {
    "the session": "the week", "The session": "The week", "losing session": "losing week",
    "profitable session": "profitable week", "The day made": "The week made", "the day stood":
    "the week stood", "of the day": "of the week", "a day that": "a week that", "Through the day":
    "Through the week", "into tomorrow": "into the weekend",
}  # fmt: skip


def _of_a_week(line: Line) -> Line:
    when, text = line
    for day, week in _WEEK.items():
        text = text.replace(day, week)
    return when, text


_WEEKLY: tuple[Line, ...] = (
    *(_of_a_week(line) for line in _DAILY if "_fill" not in line[1]),
    ("days?", "I traded on {{fact:days}}."),
    ("winning_days+", "The calendar shows {{fact:winning_days}}."),
    ("losing_days+", "There were {{fact:losing_days}}, and those are the pages to study."),
    ("best_day+", "My best day was {{fact:best_day.date}}, {{fact:best_day}} after fees."),
    ("best_day+", "{{fact:best_day.date}} was the best day: {{fact:best_day}}."),
    ("worst_day-", "My worst day was {{fact:worst_day.date}}, at {{fact:worst_day}}."),
    ("worst_day-", "The worst day took {{fact:worst_day}}, and that was {{fact:worst_day.date}}."),
    ("loss_streak?", "In the middle of it came {{fact:loss_streak}}."),
    ("win_streak?", "For a while it was {{fact:win_streak}}, and I kept my size."),
    ("day?", "On {{fact:DAY.date}} the book came to {{fact:DAY.net}} over {{fact:DAY.trades}}."),
    ("day?", "{{fact:DAY.date}}: {{fact:DAY.net}}."),
)
_DIGEST: tuple[Line, ...] = (
    ("rising?", "On my list stand {{fact:rising}} and {{fact:falling}}."),
    ("falling+", "The list counts {{fact:falling}}."),
    ("rising+", "I count {{fact:rising}}."),
    ("strongest?", "The strongest was {{fact:strongest.symbol}} with {{fact:strongest}}."),
    ("strongest+", "{{fact:strongest.symbol}} led the list, up {{fact:strongest}}."),
    ("weakest?", "The weakest was {{fact:weakest.symbol}} with {{fact:weakest}}."),
    ("weakest-", "{{fact:weakest.symbol}} lagged the list, down {{fact:weakest}}."),
    ("symbol?", "{{fact:SYMBOL}} moved {{fact:SYMBOL.change}}."),
    ("symbol?", "{{fact:SYMBOL}} ended at a change of {{fact:SYMBOL.change}}."),
    ("symbol?", "{{fact:SYMBOL}} settled, last {{fact:SYMBOL.close}}, on {{fact:SYMBOL.volume}}."),
    ("symbol?", "{{fact:SYMBOL}} began with an opening print of {{fact:SYMBOL.open}}."),
    ("symbol?", "For {{fact:SYMBOL}} the high was {{fact:SYMBOL.high}}."),
    ("symbol?", "For {{fact:SYMBOL}} the low was {{fact:SYMBOL.low}}."),
    ("news?", "{{fact:NEWS.source}} wrote {{fact:NEWS.headline}} at {{fact:NEWS.time}}."),
    ("news?", "In print: {{fact:NEWS.headline}}."),
)
_DEVLOG: tuple[Line, ...] = (
    ("orders?", "The log holds {{fact:orders}}."),
    ("filled_orders+", "I count {{fact:filled_orders}}."),
    ("denied?", "The gate answered with {{fact:denied}}, and that is its job."),
    ("rejected?", "The venue answered with {{fact:rejected}}."),
    ("unknown?", "The line answered with {{fact:unknown}}."),
    ("canceled+", "I took back some myself: {{fact:canceled}}."),
    ("fill_rate?", "The fill rate came to {{fact:fill_rate}}."),
    ("net?", "The bottom line of the week is {{fact:net}}."),
    ("net+", "The strategies ended the week up {{fact:net}}."),
    ("net-", "The strategies ended the week down {{fact:net}}."),
    ("fees?", "Fees took {{fact:fees}}."),
    ("gross?", "Before fees it came to {{fact:gross}}."),
    ("trades?", "The machine closed {{fact:trades}}."),
    ("version?", "All of it ran on {{fact:version}}."),
    ("refusal?", "{{fact:REFUSAL.code}} stopped {{fact:REFUSAL.orders}}."),
    ("proposer?", "{{fact:PROPOSER}} asked for {{fact:PROPOSER.orders}}."),
    ("strategy?", "{{fact:STRATEGY}} came to {{fact:STRATEGY.net}} over {{fact:STRATEGY.trades}}."),
)
_POST_MORTEM: tuple[Line, ...] = (
    ("net+", "The trade made {{fact:net}} after fees."),
    ("net-", "The trade lost {{fact:net}} after fees."),
    ("net?", "The bottom line is {{fact:net}}."),
    ("gross?", "Before fees it was {{fact:gross}}."),
    ("fees?", "The broker kept {{fact:fees}} in fees."),
    ("entry?", "My entry price was {{fact:entry}}."),
    ("entry?", "I was in at {{fact:entry}}, out at {{fact:exit}}."),
    ("exit?", "The exit price was {{fact:exit}}."),
    ("quantity?", "I was {{fact:direction}} {{fact:quantity}} of {{fact:symbol}}."),
    ("opened?", "The trade opened at {{fact:opened}} New York time."),
    ("closed?", "It ended at {{fact:closed}}."),
    ("hold?", "I held it for {{fact:hold}}."),
    ("hold?", "The whole affair lasted {{fact:hold}}."),
    ("exits?", "It took {{fact:exits}} to get out."),
    ("r?", "In terms of risk that is {{fact:r}}."),
    ("r?", "As an r-multiple it reads {{fact:r}}."),
    ("risk+", "I had {{fact:risk}} at risk."),
    ("stop+", "The stop stood at {{fact:stop}}."),
    ("target+", "My target was {{fact:target}}."),
    ("asked+", "I had asked for {{fact:asked}}."),
    ("slippage+", "The slippage came to {{fact:slippage}} a unit."),
    ("planned_r+", "The plan was for {{fact:planned_r}}."),
    ("adverse-", "At its worst the position showed {{fact:adverse}}."),
    ("adverse-", "It went against me as far as {{fact:adverse}}."),
    ("favourable+", "At its best it showed {{fact:favourable}}."),
    ("favourable+", "It went in my favour as far as {{fact:favourable}}."),
    ("given_back+", "I gave back {{fact:given_back}} of that."),
)
LINES: Mapping[str, tuple[Line, ...]] = {
    "daily": _DAILY,
    "weekly": _WEEKLY,
    "digest": _DIGEST,
    "devlog": _DEVLOG,
    "post-mortem": _POST_MORTEM,
}
