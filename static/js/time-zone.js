// Offers the browser's time zone where a form asks for one and the person has not chosen.
{
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  for (const select of document.querySelectorAll("select[data-browser-time-zone]")) {
    const known = [...select.options].some((option) => option.value === timeZone);
    if (timeZone && !known) select.add(new Option(timeZone, timeZone));
    if (timeZone) select.value = timeZone;
  }
}
