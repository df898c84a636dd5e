"""Where the portals answer programs."""

from django.urls import path

from apps.portals.api.menu import Menu

urlpatterns = [path("api/v1/portals/menu/", Menu.as_view(), name="portals-menu")]
