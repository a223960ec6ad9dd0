/* What the page shows, kept in the address after "#": every view has a link, and Back works.

   profile   the world to judge for
   path      beginning of the paths to show
   risk      lowest risk to show, 0 to 3
   what      'object' or 'finding'; empty: both
   verdict, rule, module, q   filters of the table; empty: all
   show      key of the entry that is open; empty: none */
const initialState = {
  profile: data.profiles.includes('own-gil') ? 'own-gil' : data.profiles[0],
  path: '', risk: '1', what: '', verdict: '', rule: '', module: '', q: '', show: '',
};
const filterNames = ['path', 'risk', 'what', 'verdict', 'rule', 'module', 'q'];
let state = { ...initialState };
const viewers = []; // functions (state, previous) that show it

function stateFromAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  const read = { ...initialState };
  for (const name of Object.keys(read)) {
    if (given.has(name)) {
      read[name] = given.get(name);
    }
  }
  if (!data.profiles.includes(read.profile)) {
    read.profile = initialState.profile;
  }
  if (!['0', '1', '2', '3'].includes(read.risk)) {
    read.risk = initialState.risk;
  }
  return read;
}

/** The link of a state. */
function addressOf(wanted) {
  const named = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...initialState, ...wanted })) {
    if (value !== initialState[name]) {
      named.set(name, value);
    }
  }
  return '#' + named.toString();
}

function showState(next) {
  const previous = state;
  state = next;
  for (const view of viewers) {
    view(state, previous);
  }
}

/** Goes to the state with these changes; `quietly`: in place, without a step for Back. */
function change(changes, quietly) {
  const address = addressOf({ ...state, ...changes });
  if (quietly) {
    history.replaceState(null, '', address);
    showState(stateFromAddress());
  } else if (location.hash !== address) {
    location.hash = address; // 'hashchange' shows it
  }
}

/** Brings a section into view, for eyes and for screen readers. */
function goTo(title) {
  title.scrollIntoView();
  title.focus();
}

/** Makes the links of a container lead on to the table that they filter. */
function leadToTable(container) {
  container.addEventListener('click', event => {
    if (event.target.closest('a') && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      goTo(byId('table-title'));
    }
  });
}

/** Makes the links of a container keep the rest of the state when they are followed: their address, for copying, holds
    only what `changesOf(link)` changes. */
function followInPlace(container, changesOf) {
  container.addEventListener('click', event => {
    const link = event.target.closest('a');
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      change(changesOf(link));
    }
  });
}
