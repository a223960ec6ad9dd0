/* Says in the source that a verdict or finding of ringfence is accepted, and why.
 *
 *     RINGFENCE_ALLOW("RF103", "the module refuses to load in a second interpreter")
 *     static PyObject *decimal;
 *
 * The same as the comment "ringfence: allow RF103 REASON" on or above the declaration; for declarations that macros
 * make, where a comment cannot stand. Expands to nothing where the compiler knows no annotations. The reason is
 * required. The header depends on nothing and can be copied alone.
 */
#ifndef RINGFENCE_ALLOW_H
#define RINGFENCE_ALLOW_H

#if defined(__has_attribute) && !defined(RINGFENCE_ALLOW)
#if __has_attribute(annotate)
#define RINGFENCE_ALLOW(rules, reason) __attribute__((annotate("ringfence: allow " rules " " reason)))
#endif
#endif
#ifndef RINGFENCE_ALLOW
#define RINGFENCE_ALLOW(rules, reason)
#endif

#endif /* RINGFENCE_ALLOW_H */
