// Before the first paint, so that nobody sees the wrong theme flash up.
try {
  const theme = localStorage.getItem("accord-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // A browser that keeps nothing follows the system.
}
