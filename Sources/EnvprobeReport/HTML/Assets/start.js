setUpTheme();
setUpFilters();
setUpLocations();
setUpCopying();
setUpTips();
setUpContents();
setUpRuns();
window.addEventListener("hashchange", followAddress);

// The requests and the timeline are drawn when somebody comes near them; until then the verdict has the processor.
function whenNear(id, draw) {
  const view = byId(id);
  if (!view) return undefined;
  let isDrawn = false;
  const once = () => { if (!isDrawn) { isDrawn = true; draw(); } };
  if (!("IntersectionObserver" in window)) { once(); return once; }
  const observer = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) { observer.disconnect(); once(); }
  }, { rootMargin: "600px" });
  observer.observe(view);
  return once;
}
const drawTraffic = whenNear("requests-view", setUpTraffic);
if (drawTraffic) offerRequests(drawTraffic);
whenNear("processes-view", setUpProcesses);
followAddress();
document.documentElement.dataset.ready = "true";
