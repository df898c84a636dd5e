"""Questions of the audit about what a group owns: bought, valued and sold as it was decided, and nothing in silence."""

from collections.abc import Mapping

# A decision that was carried out and is what people quote of it.
_DECIDED = """EXISTS (SELECT FROM chamas_proposal p WHERE p.group_id = i.group_id AND p.act = '{act}'
                              AND p.status = 'CARRIED_OUT' AND p.reference = {reference})"""

OWNED: Mapping[str, str] = {
    "sold_without_decision": f"""
        SELECT i.group_id, s.agreed_at, format('sale %s of %s was never decided', s.reference, i.name)
          FROM chamas_investmentsale s JOIN chamas_investment i ON i.id = s.investment_id
         WHERE NOT {_DECIDED.format(act="SELL_INVESTMENT", reference="s.reference")}
    """,  # noqa: S608  # constants of this module
    "valued_without_decision": f"""
        SELECT i.group_id, v.valued_on, format('%s was valued at %s without a decision', i.name,
               round(v.value_minor / 100.0, 2))
          FROM chamas_investmentvaluation v JOIN chamas_investment i ON i.id = v.investment_id
         WHERE NOT {_DECIDED.format(act="VALUE_INVESTMENT", reference="v.reference")}
           AND NOT {_DECIDED.format(act="BRING_INVESTMENT", reference="v.reference")}
    """,  # noqa: S608  # constants of this module
    "brought_without_decision": f"""
        SELECT i.group_id, i.bought_on, format('%s was brought in at %s without a decision', i.name,
               round(i.cost_minor / 100.0, 2))
          FROM chamas_investment i
         WHERE i.is_brought AND NOT {_DECIDED.format(act="BRING_INVESTMENT", reference="i.receipt")}
    """,  # noqa: S608  # constants of this module
    "sold_at_another_price": """
        SELECT i.group_id, r.at, format('%s was sold for %s, decided was %s', i.name,
               round(r.amount_minor / 100.0, 2), round(s.price_minor / 100.0, 2))
          FROM chamas_investmentreceipt r
          JOIN chamas_investmentsale s ON s.id = r.sale_id
          JOIN chamas_investment i ON i.id = r.investment_id
         WHERE r.amount_minor <> s.price_minor
    """,
    # Who sold to the group decided on it: nobody is paid by their own vote.
    "bought_from_who_decided": """
        SELECT i.group_id, i.bought_on, format('%s was bought from member %s, who was not kept out of the decision',
               i.name, m.number)
          FROM chamas_investment i
          JOIN accounts_account a ON a.id = i.payee_id
          JOIN chamas_membership m ON m.group_id = i.group_id AND m.user_id = a.owner_id
           AND m.joined_at::date <= i.bought_on AND COALESCE(m.left_at::date, i.bought_on) >= i.bought_on
          JOIN chamas_proposal p ON p.group_id = i.group_id AND p.reference = i.receipt
         WHERE NOT m.id = ANY(p.concerned)
    """,
    "not_valued_for_a_year": """
        SELECT i.group_id, %(at)s::date, format('nobody has said for a year what %s is worth', i.name)
          FROM chamas_investment i
         WHERE i.over_at IS NULL AND i.bought_on < %(at)s::date - 366
           AND NOT EXISTS (SELECT FROM chamas_investmentvaluation v WHERE v.investment_id = i.id
                              AND v.valued_on >= %(at)s::date - 366)
    """,
    # The rules of the day say whether investments stay at a share-out; then members knew what they are worth.
    "shared_out_beside_investments": """
        SELECT s.group_id, s.last_on, format('the pot was shared out while %s was out in investments%s',
               round(o.minor / 100.0, 2), CASE WHEN k.keeps THEN ', not all valued within a quarter' ELSE '' END)
          FROM chamas_sharing s
         CROSS JOIN LATERAL (SELECT -COALESCE(sum(e.amount_minor), 0) AS minor FROM chamas_groupentry e
                              WHERE e.group_id = s.group_id AND e.fund = 'INVESTMENTS' AND e.at <= s.at) o
         CROSS JOIN LATERAL (SELECT EXISTS (
               SELECT FROM chamas_constitutionversion v
                WHERE v.group_id = s.group_id AND v.in_force_at <= s.at AND COALESCE(v.over_at, s.at) >= s.at
                  AND v.rules->>'share_out_investments' = 'KEEP') AS keeps) k
         WHERE s.kind = 'SHARE_OUT' AND o.minor > 0
           AND (NOT k.keeps OR EXISTS (
               SELECT FROM chamas_investment i
                WHERE i.group_id = s.group_id AND i.bought_on <= s.last_on AND COALESCE(i.over_at, s.at) >= s.at
                  AND NOT EXISTS (SELECT FROM chamas_investmentvaluation v WHERE v.investment_id = i.id
                                     AND v.valued_on BETWEEN s.last_on - 92 AND s.last_on)))
    """,
}
