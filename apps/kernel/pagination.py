"""Lists: 20 at a time, up to 100; numbered pages, or cursors where rows are only ever added."""

from contextlib import suppress
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.core.exceptions import ValidationError as Unfit
from django.core.paginator import InvalidPage
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
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

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> Any:
        """As DRF does; a cursor that was not given out by us is refused. Raises ValidationError."""
        try:
            cursor = self.decode_cursor(request)
            if cursor is not None and cursor.position is not None:
                first = self.get_ordering(request, queryset, view)[0].lstrip("-")
                with suppress(FieldDoesNotExist):  # ordered by what is joined or worked out
                    queryset.model._meta.get_field(first).to_python(cursor.position)
        except (NotFound, Unfit) as no:
            raise ValidationError({self.cursor_query_param: [_("This is no cursor of ours.")]}) from no
        return super().paginate_queryset(queryset, request, view)
