/* Sets up each part of the page, then shows the state that the address names. */

showHead();
showIncomplete();
showRisks();
showVerdicts();
showBurndown();
showTreemap();
showModules();
showTable();
showDetail();
showSections();
window.addEventListener('hashchange', () => showState(revealing(stateFromAddress())));
showState(revealing(stateFromAddress()));
document.documentElement.dataset.ready = String(Math.round(performance.now())); // milliseconds since the page was asked for
