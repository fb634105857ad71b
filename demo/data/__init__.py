"""The demo's data: a supplier, its goods and couriers, and resellers with two months of orders behind them."""
