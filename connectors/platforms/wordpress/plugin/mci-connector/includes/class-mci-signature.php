<?php
/**
 * The signature of every message between the shop and MCI, both ways.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

/**
 * HMAC-SHA256 over timestamp, a point, and the bytes of the body. Knows nothing of WordPress.
 */
final class MCI_Signature {

	const HEADER_TIMESTAMP = 'X-MCI-Timestamp';
	const HEADER_ID        = 'X-MCI-Id';
	const HEADER_SIGNATURE = 'X-MCI-Signature';

	/**
	 * How far, in seconds, the two clocks may be apart.
	 */
	const WINDOW = 300;

	/**
	 * Signs a body.
	 *
	 * @param string $secret    The shared secret, used as it is written.
	 * @param string $timestamp Seconds since 1970.
	 * @param string $body      The bytes on the wire.
	 * @return string
	 */
	public static function sign( $secret, $timestamp, $body ) {
		return 'v1=' . hash_hmac( 'sha256', $timestamp . '.' . $body, $secret );
	}

	/**
	 * Whether a signature is that of this body at this time.
	 *
	 * @param string $secret    The shared secret; an empty one signs nothing.
	 * @param string $timestamp The header as it came.
	 * @param string $body      The bytes as they came.
	 * @param string $signature The header as it came.
	 * @return bool
	 */
	public static function matches( $secret, $timestamp, $body, $signature ) {
		if ( '' === $secret || 1 !== preg_match( '/\A[0-9]{1,12}\z/', $timestamp ) ) {
			return false;
		}
		return hash_equals( self::sign( $secret, $timestamp, $body ), $signature );
	}

	/**
	 * Whether a message is of now.
	 *
	 * @param string $timestamp The header as it came, already found to be a number.
	 * @param int    $now       Seconds since 1970.
	 * @return bool
	 */
	public static function is_fresh( $timestamp, $now ) {
		return abs( $now - (int) $timestamp ) <= self::WINDOW;
	}

	/**
	 * What only a shop can say that holds the one-time code: MCI asks for it while the shop pairs.
	 *
	 * @param string $code      The one-time code.
	 * @param string $challenge What MCI made up.
	 * @return string
	 */
	public static function proof( $code, $challenge ) {
		return hash_hmac( 'sha256', 'prove.' . $challenge, $code );
	}

	/**
	 * The headers of a signed message.
	 *
	 * @param string $secret The shared secret.
	 * @param string $id     UUID of the message.
	 * @param string $body   The bytes on the wire.
	 * @param int    $now    Seconds since 1970.
	 * @return array<string,string>
	 */
	public static function headers( $secret, $id, $body, $now ) {
		return array(
			self::HEADER_TIMESTAMP => (string) $now,
			self::HEADER_ID        => $id,
			self::HEADER_SIGNATURE => self::sign( $secret, (string) $now, $body ),
		);
	}
}
