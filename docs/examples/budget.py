"""Give a user a monthly budget. A session that could exceed it is refused before it starts.

The server has to count prices: a local one does with ONMEMOS_SHADOW_PROVIDER=gke. Else nothing costs anything here.
"""

from onmemos import BudgetExceeded, OnMemOSClient

with OnMemOSClient() as client:
    client.users.put("intern", monthly_budget_usd=0.05, budget_action="refuse")

    try:
        with client.session(user="intern", resource_package="dev_large", ttl_minutes=600):
            print("it was not refused")
    except BudgetExceeded as error:
        print(error.code, "-", error.hint)
    # -> budget_exceeded - ...

    # The same work fits if the session is smaller and shorter.
    with client.session(user="intern", resource_package="dev_micro", ttl_minutes=10) as session:
        print(session.run("echo done").stdout.strip())  # -> done
        budget = client.users.entitlements("intern").budget
        print(0 < budget.reserved_usd <= budget.monthly_budget_usd)  # -> True
