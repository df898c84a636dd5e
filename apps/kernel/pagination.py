"""Lists: 20 at a time, up to 100; numbered pages, or cursors where rows are only ever added."""

from typing import Any

from django.core.paginator import InvalidPage
from rest_framework.pagination import CursorPagination, PageNumberPagination


class Pages(PageNumberPagination):
    """Numbered pages: `?page=2&page_size=50`."""

    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100
    invalid_page_message = "There is no such page."

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> Any:
        """A page that does not fit a BIGINT is no page."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except OverflowError as no:
            raise InvalidPage(self.invalid_page_message) from no


class Cursors(CursorPagination):
    """Newest first, by cursor: `?cursor=…`. For lists that are only ever added to."""

    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100
    ordering = "-id"
