/* The rules that the report names: why each is there, an example and its repair, where to read on. */

/** A link to the rule's reasons on this page; plain text where the report holds none. */
function ruleLink(rule, text) {
  if (!data.rules[rule]) {
    return element('span', {}, text || rule);
  }
  return element('a', { href: '#rule-' + rule.split(' ')[0], 'data-rule': rule.split(' ')[0] }, text || rule);
}

function ruleText(rule) {
  const known = data.rules[rule];
  const source = (title, text) => (text ? [element('h4', {}, title), element('pre', { tabindex: '0', 'aria-label': title },
    element('code', {}, text))] : []);
  return [element('p', {}, known.why), ...source('Not so', known.example), ...source('But so', known.fix),
    known.references.length === 0 ? null : element('ul', {}, ...known.references.map(address => element('li', {},
      element('a', { href: address, rel: 'noreferrer' }, breakable(address)))))];
}

/** Opens the rule that the address names; whether it names one. */
function openRule(code) {
  const place = document.getElementById('rule-' + code);
  if (!place) {
    return false;
  }
  place.open = true;
  place.scrollIntoView();
  place.querySelector('summary').focus();
  return true;
}

function showRules() {
  const rules = Object.keys(data.rules).sort();
  const counts = new Map();
  data.entries.forEach(entry => counts.set(entry.rule, (counts.get(entry.rule) || 0) + 1));
  byId('rules').hidden = rules.length === 0;
  byId('rule-list').append(...rules.map(rule => element('details', { id: 'rule-' + rule.split(' ')[0] },
    element('summary', {}, rule + ' (' + counts.get(rule) + ')'), ...ruleText(rule),
    element('p', {}, element('a', {
      href: addressOf({ ...initialState, rule, risk: '0', allowed: 'yes' }), class: 'to-table',
    }, 'All that this report has of it')))));
  byId('rule-list').addEventListener('click', event => {
    const link = followedLink(event);
    if (link && link.classList.contains('to-table')) {
      goTo(byId('table-title'));
    }
  });
  document.addEventListener('click', event => {
    const link = followedLink(event);
    if (link && link.dataset.rule) {
      event.preventDefault(); // the address holds the state
      openRule(link.dataset.rule);
    }
  });
}
