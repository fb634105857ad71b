// From an order's page back to the list that it was opened from: its tab, its filters, its page and its row.
try {
  const [list, row] = JSON.parse(sessionStorage.getItem("mci:list")) || [];
  const link = document.querySelector("[data-mci-back]");
  if (link && list?.startsWith("/") && !list.startsWith("//")) link.href = `${list}#${row}`;
} catch { /* the link leads to the list as it is */ }
