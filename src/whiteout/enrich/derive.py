"""What follows from an event's URLs and user agent: campaign, referrer, browser, bot (C.1).

URLs were scrubbed before (contract 13), so of an anonymous event only a campaign can be left. What
tells one visitor from others, a click identifier and search words, is derived of identified events
alone.
"""

from __future__ import annotations

from whiteout.enrich import places as at
from whiteout.enrich.agents import AGENT_COLUMNS, LONGEST_AGENT, Agents
from whiteout.enrich.campaigns import CAMPAIGN_COLUMNS, CLICK_ID, Campaigns
from whiteout.enrich.referrers import INTERNAL, REFERRER_TERM, SOURCE_COLUMNS, Referrers
from whiteout.enrich.setters import Row
from whiteout.enrich.settings import DerivedSettings
from whiteout.enrich.vectors import Memo

IDENTIFIED_ONLY = (CLICK_ID, REFERRER_TERM)
"""Columns that are filled for identified events alone (B-71)."""

_MOST_KNOWN = 4_096
_LONGEST_QUERY = 500


class Derive:
    """Fills the derived columns of rows."""

    def __init__(self, settings: DerivedSettings) -> None:
        self.campaigns = Campaigns(
            settings.campaigns, settings.click_networks, click_ids=settings.click_ids
        )
        self.referrers = Referrers(settings.internal_hosts) if settings.referrers else None
        agents = Agents(columns=settings.user_agents, bots=settings.bots)
        self.agents = Memo(agents.read, _MOST_KNOWN, LONGEST_AGENT, len(AGENT_COLUMNS))
        self._coarse = Memo(agents.read_coarse, _MOST_KNOWN, LONGEST_AGENT, len(AGENT_COLUMNS))
        self._queries = Memo(
            self.campaigns.read, _MOST_KNOWN, _LONGEST_QUERY, len(CAMPAIGN_COLUMNS)
        )

    def fill(self, row: Row, *, identified: bool, coarse: bool) -> None:
        """Fill a row. `coarse` derives from the coarse form of the user agent alone (C-38)."""
        values = self._queries[row[at.PAGE_QUERY]]
        for place, value in zip(CAMPAIGN_COLUMNS, values, strict=True):
            row[place] = value
        host = row[at.REFERRER_HOST]
        if self.referrers is not None and host is not None:
            own = host == row[at.PAGE_HOST]
            source = INTERNAL if own else self.referrers.read(host, row[at.REFERRER_QUERY])
            for place, value in zip(SOURCE_COLUMNS, source, strict=True):
                row[place] = value
        agents = self._coarse if coarse else self.agents
        for place, value in zip(AGENT_COLUMNS, agents[row[at.USERAGENT]], strict=True):
            row[place] = value
        if not identified:
            for place in IDENTIFIED_ONLY:
                row[place] = None
