"""How form fields look."""

from django.forms.renderers import TemplatesSetting


class FieldRenderer(TemplatesSetting):
    """Label, hint and error of a field as the stylesheet expects them."""
