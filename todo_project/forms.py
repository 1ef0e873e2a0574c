"""How form fields look."""

from django.forms.renderers import TemplatesSetting


class FieldRenderer(TemplatesSetting):
    """Label, hint and error of a field as the stylesheet expects them."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
