<?php
/**
 * What the shop remembers of its pairing.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

/**
 * Options of this plugin: whom the shop is paired with, and how the talk goes.
 */
class MCI_Pairing_Store {

	const PAIRING = 'mci_connector_pairing'; // address, secret, webhook_address, shop, home, paired_at.
	const STATE   = 'mci_connector_state';   // stopped, last_event_at, skew, ended_by, ended_at.
	const WAITING = 'mci_connector_waiting'; // The code that was handed in, until when its answer is waited for, and where.
	const ASKED   = 'mci_connector_asked';   // Who would receive the orders, while a person is asked whether he means it.
	const INSTALL = 'mci_connector_install';
	const ADDRESS = 'mci_connector_address'; // What was typed.
	const SCHEMA  = 'mci_connector_schema';

	/**
	 * Whether there is a secret.
	 *
	 * @return bool
	 */
	public function is_paired() {
		return '' !== $this->secret();
	}

	/**
	 * The shared secret, or "". A copy of the shop (for tests, say) has none: its orders are not the shop's.
	 *
	 * @return string
	 */
	public function secret() {
		return $this->is_copy() ? '' : (string) $this->pairing( 'secret', '' );
	}

	/**
	 * Whether this is not the site that was paired: its database was copied, or the shop moved.
	 *
	 * @return bool
	 */
	public function is_copy() {
		$paired = (string) $this->pairing( 'home' );
		return '' !== $paired && MCI_Address::bare( $paired ) !== MCI_Address::bare( self::home() );
	}

	/**
	 * The site's own address, as its settings say it: plugins for languages change what home_url() says.
	 *
	 * @return string
	 */
	public static function home() {
		return rtrim( (string) get_option( 'home' ), '/' );
	}

	/**
	 * One fact of the pairing: address, webhook_address, shop, paired_at.
	 *
	 * @param string $name     Which.
	 * @param mixed  $fallback What to give when there is none.
	 * @return mixed
	 */
	public function pairing( $name, $fallback = '' ) {
		$pairing = get_option( self::PAIRING );
		return is_array( $pairing ) && isset( $pairing[ $name ] ) ? $pairing[ $name ] : $fallback;
	}

	/**
	 * Remembers a pairing.
	 *
	 * @param string $address         The portal.
	 * @param string $secret          The shared secret.
	 * @param string $webhook_address Where events go.
	 * @param string $shop            What the portal calls this shop.
	 * @param int    $now             Now.
	 */
	public function pair( $address, $secret, $webhook_address, $shop, $now ) {
		update_option(
			self::PAIRING,
			array(
				'address'         => $address,
				'secret'          => $secret,
				'webhook_address' => $webhook_address,
				'shop'            => $shop,
				'home'            => self::home(),
				'paired_at'       => $now,
			)
		);
		update_option( self::STATE, array() );
	}

	/**
	 * Forgets it.
	 *
	 * @param string $by  Who ended it: `shop` or `mci`.
	 * @param int    $now Now.
	 */
	public function unpair( $by, $now ) {
		delete_option( self::PAIRING );
		update_option(
			self::STATE,
			array(
				'ended_by' => $by,
				'ended_at' => $now,
			)
		);
	}

	/**
	 * One fact of the talk: stopped, last_event_at, ended_by, ended_at.
	 *
	 * @param string $name     Which.
	 * @param mixed  $fallback What to give when there is none.
	 * @return mixed
	 */
	public function state( $name, $fallback = '' ) {
		$state = get_option( self::STATE );
		return is_array( $state ) && isset( $state[ $name ] ) ? $state[ $name ] : $fallback;
	}

	/**
	 * Notes facts of the talk.
	 *
	 * @param array<string,mixed> $facts Which.
	 */
	public function set_state( array $facts ) {
		$state = get_option( self::STATE );
		update_option( self::STATE, $facts + ( is_array( $state ) ? $state : array() ) );
	}

	/**
	 * Remembers whom a code would give the orders to, until the person has said that he means it.
	 *
	 * @param string $portal   Where the portal is.
	 * @param string $code     The one-time code.
	 * @param string $receiver Who would receive the orders.
	 * @param int    $until    Seconds since 1970.
	 */
	public function ask( $portal, $code, $receiver, $until ) {
		update_option(
			self::ASKED,
			array(
				'portal'   => $portal,
				'code'     => $code,
				'receiver' => $receiver,
				'until'    => $until,
			),
			false
		);
	}

	/**
	 * What a person is asked just now.
	 *
	 * @param int $now Now.
	 * @return array{portal:string,code:string,receiver:string}|null
	 */
	public function asked( $now ) {
		$asked = get_option( self::ASKED );
		return is_array( $asked ) && isset( $asked['portal'], $asked['code'], $asked['receiver'], $asked['until'] ) && $now < $asked['until'] ? $asked : null;
	}

	/**
	 * Remembers the code that was handed in, for MCI, which asks for a proof, and for the questions that follow.
	 *
	 * @param string $code   The one-time code; "": it is over.
	 * @param int    $until  Seconds since 1970.
	 * @param string $portal Where it was handed in.
	 */
	public function wait_with( $code, $until = 0, $portal = '' ) {
		delete_option( self::ASKED );
		if ( '' === $code ) {
			delete_option( self::WAITING );
		} else {
			update_option( self::WAITING, array( $code, $until, $portal ), false );
		}
	}

	/**
	 * The code that was handed in and is not answered yet, or "".
	 *
	 * @param int $now Now.
	 * @return string
	 */
	public function waiting_code( $now ) {
		$waiting = get_option( self::WAITING );
		return is_array( $waiting ) && isset( $waiting[1] ) && $now < $waiting[1] ? (string) $waiting[0] : '';
	}

	/**
	 * Where it was handed in.
	 *
	 * @return string
	 */
	public function waiting_portal() {
		$waiting = get_option( self::WAITING );
		return is_array( $waiting ) && isset( $waiting[2] ) ? (string) $waiting[2] : '';
	}

	/**
	 * UUID of this installation, made once.
	 *
	 * @return string
	 */
	public function install_id() {
		$id = get_option( self::INSTALL );
		if ( ! is_string( $id ) || '' === $id ) {
			$id = wp_generate_uuid4();
			update_option( self::INSTALL, $id, false );
		}
		return $id;
	}

	/**
	 * Where the portal is, and whether the person at the page may change it.
	 *
	 * @return array{0:string,1:bool}
	 */
	public function portal() {
		if ( defined( 'MCI_CONNECTOR_URL' ) ) {
			return array( MCI_Address::portal( (string) MCI_CONNECTOR_URL ), false );
		}
		$typed = (string) get_option( self::ADDRESS, '' );
		if ( '' === $typed && is_readable( MCI_CONNECTOR_DIR . 'portal.php' ) ) {
			$typed = (string) include MCI_CONNECTOR_DIR . 'portal.php'; // The zip that a portal gives knows its portal.
		}
		/**
		 * The address of the MCI portal, when it is not typed in the page.
		 *
		 * @param string $typed What was typed, or came with the zip.
		 */
		return array( MCI_Address::portal( (string) apply_filters( 'mci_connector_url', $typed ) ), true );
	}

	/**
	 * Remembers the address that was typed.
	 *
	 * @param string $address The portal.
	 */
	public function set_portal( $address ) {
		update_option( self::ADDRESS, $address, false );
	}
}
