"""Stand-ins for vendors: what our tests talk to instead of somebody's paid service. Nothing of the product is here."""
