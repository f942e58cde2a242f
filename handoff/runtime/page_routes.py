"""Routes of the pages, and of the script that other sites embed."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from handoff.runtime.static_files import FOREVER, REVALIDATE, StaticFile, read_folder

#: Pages with an address of their own, and their file below `handoff/pages`.
_PAGES = {
    "/": "help/help.html",
    "/console": "console/console.html",
    "/console/board": "board/board.html",
    "/console/edit": "workshop/workshop.html",
}
_HASH = re.compile(r"[0-9a-f]{16}")
_METHODS = ["GET", "HEAD"]


@dataclass(frozen=True)
class Pages:
    """The content of a build: the widget, the page files by their path, and the parts that the widget loads later by name."""

    widget: StaticFile
    files: dict[str, StaticFile]
    parts: dict[str, StaticFile]

    @classmethod
    def read(cls, build: Path) -> Pages:
        """Read the folder of a build (`page_build.build_pages`). Raises OSError."""
        parts = {path.name.split("-")[1]: StaticFile.read(path) for path in sorted(build.glob("widget-*-*.js"))}
        return cls(StaticFile.read(build / "widget.js"), read_folder(build / "pages"), parts)

    @property
    def widget_address(self) -> str:
        """The address of the widget with this content; a changed widget has another address."""
        return f"/widget-{self.widget.digest}.js"


def page_routes(pages: Pages) -> list[BaseRoute]:
    """Routes for the pages, their modules and styles, and the widget. Raises KeyError if a page is missing in the build."""

    def page(file: StaticFile) -> Callable[[Request], Awaitable[Response]]:
        async def show(request: Request) -> Response:
            return file.respond(request, REVALIDATE)

        return show

    async def page_file(request: Request) -> Response:
        file = pages.files.get(request.path_params["path"])
        if file is None:
            raise HTTPException(404)
        return file.respond(request, REVALIDATE)

    async def widget(request: Request) -> Response:
        """The stable address. Each page load asks for it, so an update takes effect at once."""
        return RedirectResponse(pages.widget_address, 307, headers={"Cache-Control": REVALIDATE, "Vary": "Origin"})

    async def hashed_widget(request: Request) -> Response:
        digest = request.path_params["digest"]
        if not _HASH.fullmatch(digest):
            raise HTTPException(404)
        # During an update, a desk with one version may redirect a browser to a desk with another. That desk sends the widget
        # that it has, and forbids caching it under the wrong name.
        return pages.widget.respond(request, FOREVER if digest == pages.widget.digest else REVALIDATE)

    async def widget_part(request: Request) -> Response:
        part, digest = pages.parts.get(request.path_params["name"]), request.path_params["digest"]
        if part is None or not _HASH.fullmatch(digest):
            raise HTTPException(404)
        # As with the widget: a page that was opened before an update gets the part of this version.
        return part.respond(request, FOREVER if digest == part.digest else REVALIDATE)

    return [
        *(Route(address, page(pages.files[name]), methods=_METHODS) for address, name in _PAGES.items()),
        Route("/widget.js", widget, methods=_METHODS),
        Route("/widget-{name}-{digest}.js", widget_part, methods=_METHODS),
        Route("/widget-{digest}.js", hashed_widget, methods=_METHODS),
        Route("/pages/{path:path}", page_file, methods=_METHODS),
    ]
