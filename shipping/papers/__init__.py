"""What is printed for a parcel: label (PDF and ZPL), packing slip, DDT, return slip, pick list, manifest. Pure: frozen
dataclasses in, a file out; no query, no HTTP. No paper but the label and the manifest (what the driver collects) says
an amount, and none says a price."""
