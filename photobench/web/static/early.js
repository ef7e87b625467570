// Before the first paint, so that the other theme never flashes.
{
  const kept = localStorage.getItem("photobench.theme");
  if (kept === "light" || kept === "dark") document.documentElement.setAttribute("data-theme", kept);
}
