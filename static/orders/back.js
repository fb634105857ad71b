// From an order's page back to the list that it was opened from: its tab, its filters, its page and its row. Of whoever
// was signed in before in this window nothing is led to: a filter may be a customer's name.
try {
  const [list, row, who] = JSON.parse(sessionStorage.getItem("mci:list")) || [];
  const link = document.querySelector("[data-mci-back]");
  if (who !== document.body.dataset.mciWho) sessionStorage.removeItem("mci:list");
  else if (link && list?.startsWith("/") && !list.startsWith("//")) link.href = `${list}#${row}`;
} catch { /* the link leads to the list as it is */ }
