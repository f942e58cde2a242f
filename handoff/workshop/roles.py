"""Who may use the workshop: editors change, supervisors may read."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from handoff.accounts.agents import Agent
from handoff.accounts.security import SignedIn
from handoff.runtime.errors import NotAllowed

_READERS = ("editor", "supervisor")


async def workshop_reader(agent: SignedIn) -> Agent:
    """A signed-in editor or supervisor. Raises NotAllowed."""
    if agent.role not in _READERS or agent.is_disabled:
        raise NotAllowed("editors_only", "只有编辑和主管能看这里。", "Only editors and supervisors may see this.", status=403)
    return agent


async def editor(agent: SignedIn) -> Agent:
    """A signed-in editor. Raises NotAllowed."""
    if agent.role != "editor" or agent.is_disabled:
        raise NotAllowed("editors_only", "只有编辑账号能改内容。", "Only an editor's account may change this.", status=403)
    return agent


#: May look at everything in the workshop.
Reader = Annotated[Agent, Depends(workshop_reader)]
#: May change the editors' files.
Editor = Annotated[Agent, Depends(editor)]
