/* What to look at first: the causes that are worth most, each with what follows from it. */

const shownFirst = 5;

function firstItem(each) {
  const entry = entryOfKey.get(each.key);
  if (!entry) {
    return null;
  }
  const code = entry.rule.split(' ')[0];
  const more = each.more === 0 ? null : element('a', {
    href: addressOf({ ...initialState, profile: state.profile, rule: entry.rule, risk: '0' }), class: 'to-table',
  }, each.more + ' more of this rule');
  const consequences = each.consequences.length === 0 ? null : element('details', {},
    element('summary', {}, 'and so ' + countText(each.consequences.length, 'more problem')),
    element('ul', {}, ...each.consequences.map(text => element('li', {}, breakable(text)))));
  return element('li', {},
    element('p', { class: 'headline' }, riskMark(each.worst), ' ',
      element('a', { href: addressOf({ show: entry.key }), class: 'to-detail' }, breakable(entry.message || nameOf(entry)))),
    element('p', { class: 'hint' }, breakable(placeText(entry.place)), ' · ', ruleLink(entry.rule, code),
      more ? ' · ' : null, more),
    entry.advice ? element('p', {}, breakable(entry.advice)) : null, consequences);
}

function showFirst() {
  const items = data.first.entries.map(firstItem).filter(Boolean);
  byId('first').hidden = items.length === 0;
  byId('first-list').append(...items.slice(0, shownFirst));
  byId('first-more').append(...items.slice(shownFirst));
  byId('first-more').setAttribute('start', String(shownFirst + 1));
  byId('first-rest').hidden = items.length <= shownFirst;
  byId('first-rest-title').textContent = 'The next ' + (items.length - shownFirst);
  byId('first-count').textContent = countText(data.first.problems, 'problem') + ' of risk medium or higher'
    + (data.first.causes < data.first.problems ? ' with ' + countText(data.first.causes, 'cause') : '') + '.';
  byId('first').addEventListener('click', event => {
    const link = followedLink(event);
    if (link && link.classList.contains('to-table')) {
      goTo(byId('table-title'));
    }
  });
}
