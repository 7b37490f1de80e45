/**
 * Values of r whose nonce can be guessed: the x-coordinate of k·G on secp256k1, modulo its order n.
 * Computed from the curve, and again by its test. −k gives the same r.
 */

import { deepFrozen } from "../internal/frozen.js";

/** Nonce and r (32 bytes, big-endian, lower-case hex): small, a simple fraction modulo n, or a round power of two. */
export const WEAK_NONCES: readonly (readonly [nonce: string, r: string])[] = deepFrozen([
  ["1", "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"],
  ["2", "c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5"],
  ["3", "f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9"],
  ["4", "e493dbf1c10d80f3581e4904930b1404cc6c13900ee0758474fa94abe8c4cd13"],
  ["5", "2f8bde4d1a07209355b4a7250a5c5128e88b84bddc619ab7cba8d569b240efe4"],
  ["6", "fff97bd5755eeea420453a14355235d382f6472f8568a18b2f057a1460297556"],
  ["7", "5cbdf0646e5db4eaa398f365f2ea7a0e3d419b7e0330e39ce92bddedcac4f9bc"],
  ["8", "2f01e5e15cca351daff3843fb70f3c2f0a1bdd05e5af888a67784ef3e10a2a01"],
  ["9", "acd484e2f0c7f65309ad178a9f559abde09796974c57e714c35f110dfc27ccbe"],
  ["10", "a0434d9e47f3c86235477c7b1ae6ae5d3442d49b1943c2b752a68e2a47e247c7"],
  ["11", "774ae7f858a9411e5ef4246b70c65aac5649980be5c17891bbec17895da008cb"],
  ["12", "d01115d548e7561b15c38f004d734633687cf4419620095bc5b0f47070afe85a"],
  ["13", "f28773c2d975288bc7d1d205c3748651b075fbc6610e58cddeeddf8f19405aa8"],
  ["14", "499fdf9e895e719cfd64e67f07d38e3226aa7b63678949e6e49b241a60e823e4"],
  ["15", "d7924d4f7d43ea965a465ae3095ff41131e5946f3c85f79e44adbcf8e27e080e"],
  ["16", "e60fce93b59e9ec53011aabc21c23e97b2a31369b87a5ae9c44ee89e2a6dec0a"],
  ["17", "defdea4cdb677750a420fee807eacf21eb9898ae79b9768766e4faa04a2d4a34"],
  ["18", "5601570cb47f238d2b0286db4a990fa0f3ba28d1a319f5e7cf55c2a2444da7cc"],
  ["19", "2b4ea0a797a443d293ef5cff444f4979f06acfebd7e86d277475656138385b6c"],
  ["20", "4ce119c96e2fa357200b559b2f7dd5a5f02d5290aff74b03f3e471b273211c97"],
  ["21", "352bbf4a4cdd12564f93fa332ce333301d9ad40271f8107181340aef25be59d5"],
  ["22", "421f5fc9a21065445c96fdb91c0c1e2f2431741c72713b4b99ddcb316f31e9fc"],
  ["23", "2fa2104d6b38d11b0230010559879124e42ab8dfeff5ff29dc9cdadd4ecacc3f"],
  ["24", "fe72c435413d33d48ac09c9161ba8b09683215439d62b7940502bda8b202e6ce"],
  ["25", "9248279b09b4d68dab21a9b066edda83263c3d84e09572e269ca0cd7f5453714"],
  ["26", "6687cdb5b650d558f40cbdefc8e40997c03fe1b2abb840885e5cad81710c4c8a"],
  ["27", "daed4f2be3a8bf278e70132fb0beb7522f570e144bf615c07e996d443dee8729"],
  ["28", "55eb67d7b7238a70a7fa6f64d5dc3c826b31536da6eb344dc39a66f904f97968"],
  ["29", "c44d12c7065d812e8acf28d7cbb19f9011ecd9e9fdf281b0e6a3b5e87d22e7db"],
  ["30", "6d2b085e9e382ed10b69fc311a03f8641ccfff21574de0927513a49d9a688a00"],
  ["31", "6a245bf6dc698504c89a20cfded60853152b695336c28063b61c65cbd269e6b4"],
  ["32", "d30199d74fb5a22d47b6e054e2f378cedacffcb89904a61d75d0dbd407143e65"],
  ["1/3", "4c7ff4f2ba8603998339c8e42675ceac23ef2e9623fdb260b24b1c944a2ea1a9"],
  ["2^64", "3322d401243c4e2582a2147c104d6ecbf774d163db0f5e5313b7e0e742d0e6bd"],
  ["2^96", "fea74e3dbe778b1b10f238ad61686aa5c76e3db2be43057632427e2840fb27b6"],
  ["2^128", "8f68b9d2f63b5f339239c1ad981f162ee88c5678723ea3351b7b444c9ec4c0da"],
  ["2^160", "9c3919a84a474870faed8a9c1cc66021523489054d7f0308cbfc99c8ac1f98cd"],
  ["2^192", "eaa649f21f51bdbae7be4ae34ce6e5217a58fdce7f47f9aa7f3b58fa2120e2b3"],
  ["2^224", "959396981943785c3d3e57edf5018cdbe039e730e4918b3d884fdff09475b7ba"],
  ["2^255", "b23790a42be63e1b251ad6c94fdef07271ec0aada31db6c3e8bd32043f8be384"],
  ["2^64 - 1", "30de2c8bc2010aaebbb647c5bac00eb8028f78d795f2cd4532bc6c504c0e01e7"],
  ["2^96 - 1", "0b75b8dec5aaf789530791e32dd90d045119a8eeea1f46cba155b1e7152ee655"],
  ["2^128 - 1", "6c034fd8cc8bd548e12569b630710400e6c24a05d9d6b32f08522a241e936da8"],
  ["2^160 - 1", "99ea71da9d9dc296ba415a476ae1cc59c0900c9752b36f2547abf671249115c4"],
  ["2^192 - 1", "05c6964339ddc88e6f4dd6b6948ed84b70ca650a1f4f2d30e82629b2e4e06777"],
  ["2^224 - 1", "a4900a7c154e611fbfff1ebe046115cf31fc7e3b5538c02cad941340bf73d789"],
]);

/**
 * The r of 1/2. Its x-coordinate is so short that sweeps of dust under published keys use it on purpose, to pay
 * lower fees: tens of thousands a day on Bitcoin. It is no sign of a bad source of random numbers.
 */
export const SHORT_R = "00000000000000000000003b78ce563f89a0ed9414f5aa28ad0d96d6795f9c63";

const KNOWN_R: ReadonlySet<string> = new Set([SHORT_R, ...WEAK_NONCES.map(([, r]) => r)]);

/** Whether an r is that of a nonce that anyone knows: that two signatures have it is no news. */
export const isKnownR = (r: string): boolean => KNOWN_R.has(r);
