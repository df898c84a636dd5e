"""What operators watch, in Prometheus' words."""

from prometheus_client import Counter, Gauge, Histogram

requests = Counter("kitbank_requests_total", "Requests answered", ["method", "view", "status"])
seconds = Histogram(
    "kitbank_request_seconds",
    "Time to answer a request",
    ["method", "view"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
outbox_waiting = Gauge("kitbank_outbox_waiting", "Deliveries not made yet", multiprocess_mode="mostrecent")
outbox_parked = Gauge("kitbank_outbox_parked", "Deliveries given up, for a person", multiprocess_mode="mostrecent")
