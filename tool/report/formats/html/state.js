/* What the page shows, kept in the address after "#": every view has a link, and Back works.

   profile   the world to judge for
   path      beginning of the paths to show
   risk      lowest risk to show, 0 to 3
   what      'object' or 'finding'; empty: both
   verdict, rule, module, q   filters of the table; empty: all
   allowed   'yes': show what the source allows, too
   show      key of the entry that is open; empty: none */
const initialState = {
  profile: data.profiles.includes('own-gil') ? 'own-gil' : data.profiles[0],
  path: '', risk: '1', what: '', verdict: '', rule: '', module: '', q: '', allowed: '', show: '',
};
const filterNames = ['path', 'risk', 'what', 'verdict', 'rule', 'module', 'q', 'allowed'];
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

/** The link that a click follows in this window; null for any other click. */
function followedLink(event) {
  return event.ctrlKey || event.metaKey || event.shiftKey ? null : event.target.closest('a');
}

/** Makes the links of a container lead on to the table that they filter. */
function leadToTable(container) {
  container.addEventListener('click', event => {
    if (followedLink(event)) {
      goTo(byId('table-title'));
    }
  });
}

/** Makes the links of a container change the state in place when they are followed. Their address, for copying, stands
    for itself: it holds none of the filters that are set. */
function followInPlace(container, changesOf) {
  container.addEventListener('click', event => {
    const link = followedLink(event);
    if (link) {
      event.preventDefault();
      change(changesOf(link));
    }
  });
}
