"""One resource brought one step nearer to what it asks, again and again: observe, plan, act; every decision is `plan`'s."""
