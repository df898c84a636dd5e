"""One system account in every transfer, against a thousand of them: derived balances are no hot spot."""

from bench.common import AT, Options, Result, alternate, main, open_wallets, pgbench, settle

FEE = """
\\set a random({first}, {last})
\\set b random({first}, {last} - 1)
\\set b :b + case when :b >= :a then 1 else 0 end
\\set fee {fee}
\\set m random(1, 1000)
\\set n -:m - 5
\\set r random(1, 1000000000000)
\\set s random(1, 1000000000)
SELECT * FROM ledger_post('fees/' || :r || '/' || :s, sha256('a body of usual length goes here'), 'P2P_TRANSFER',
    'Rent for May', NULL, '2026-03-02', '2026-03-02 09:00+00', ARRAY[:a::bigint, :b::bigint, :fee::bigint],
    ARRAY[5 + :m::bigint, -:m::bigint, -5::bigint], '{{KES,KES,KES}}', NULL);
"""
SYSTEM_ACCOUNTS = 1000


def run(options: Options) -> list[Result]:
    """Payments with a fee: to one income account, to one of a thousand, and to one that is locked."""
    from apps.ledger import operations as ledger

    wallets = open_wallets(options, name="hot")
    many = ledger.open_accounts(
        [
            ledger.AccountToOpen(code=f"fees/{nth}", name="Fees", kind="INCOME", currency="KES", mode=ledger.DERIVED)
            for nth in range(SYSTEM_ACCOUNTS)
        ],
        at=AT,
    )
    locked = ledger.open_account(code="fees/locked", name="Fees", kind="INCOME", currency="KES", at=AT)
    place = {"first": wallets[0], "last": wallets[-1]}
    hot = FEE.format(**place, fee=ledger.gl("fees:transfer", "KES").id)
    uniform = FEE.format(**place, fee=f"random({many[0].id}, {many[-1].id})")
    settle()
    one, thousand, ratio = alternate(lambda: pgbench(hot, options), lambda: pgbench(uniform, options), options.rounds)
    row, _thousand, contrast = alternate(
        lambda: pgbench(FEE.format(**place, fee=locked.id), options), lambda: pgbench(uniform, options), options.rounds
    )
    return [
        Result(
            "hot system account : uniform accounts", ratio, at_least=0.95, note=f"{one:.0f} : {thousand:.0f} a second"
        ),
        Result("  were it a locked row", contrast, note=f"{row:.0f} a second"),
    ]


if __name__ == "__main__":
    main(run)
