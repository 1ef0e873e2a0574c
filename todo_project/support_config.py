"""Makes the admin use our site. Apart from the site, for it is read before any model can be."""

from django.contrib.admin.apps import AdminConfig


class SupportConfig(AdminConfig):
    default_site = "todo_project.support_site.SupportSite"
