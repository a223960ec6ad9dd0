/* Sets up each part of the page, then shows the state that the address names. */

showHead();
showTerms();
showRules();
showFirst();
showIncomplete();
showRisks();
showVerdicts();
showBurndown();
showTreemap();
showModules();
showTable();
showDetail();
showSections();
const showAddress = () => {
  const rule = /^#rule-(\w+)$/.exec(location.hash);
  if (!rule || !openRule(rule[1])) {
    showState(revealing(stateFromAddress()));
  }
};
window.addEventListener('hashchange', showAddress);
if (location.hash.startsWith('#rule-')) {
  showState(initialState);
}
showAddress();
document.documentElement.dataset.ready = String(Math.round(performance.now())); // milliseconds since the page was asked for
