"""Ways to other banks: PesaLink, files to the settlement bank (EFT, RTGS), and the partner for money abroad."""
